package taskmaster.simulator;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;

/** Loads the project's classes anew, with one class calling a mutant in place of one method. */
final class MutantLoader extends ClassLoader {
  private static final ClassDesc MUTANTS = ClassDesc.of("taskmaster.controller.core.Mutants");
  private final Mutation mutation;
  private int changed;

  /**
   * @param in the class that is changed
   * @param owner whose method it calls
   * @param by the method of Mutants that it calls instead, with the receiver as first argument
   */
  record Mutation(String in, String owner, String method, String by) {}

  MutantLoader(Mutation mutation) {
    super(MutantLoader.class.getClassLoader());
    this.mutation = mutation;
  }

  /** How many calls were changed, as far as classes are loaded. */
  int changed() {
    return changed;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith("taskmaster.")) return super.loadClass(name, resolve);
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded != null ? loaded : define(name);
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (in == null) throw new ClassNotFoundException(name);
      byte[] bytes = in.readAllBytes();
      if (name.equals(mutation.in())) bytes = mutate(bytes);
      return defineClass(name, bytes, 0, bytes.length);
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }

  private byte[] mutate(byte[] bytes) {
    ClassFile classFile = ClassFile.of();
    CodeTransform code =
        (builder, element) -> {
          if (element instanceof InvokeInstruction call && isMeant(call)) {
            changed++;
            builder.invokestatic(MUTANTS, mutation.by(), withReceiver(call));
          } else {
            builder.with(element);
          }
        };
    return classFile.transformClass(classFile.parse(bytes), ClassTransform.transformingMethodBodies(code));
  }

  private boolean isMeant(InvokeInstruction call) {
    return call.owner().asInternalName().replace('/', '.').equals(mutation.owner()) && call.name().equalsString(mutation.method());
  }

  private static MethodTypeDesc withReceiver(InvokeInstruction call) {
    MethodTypeDesc type = call.typeSymbol();
    return call.opcode() == Opcode.INVOKESTATIC ? type : type.insertParameterTypes(0, call.owner().asSymbol());
  }
}
