import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Writes out in the classes of some jars what javac leaves to the first call: switches over types, and equals and hashCode
 * of records. At run time each of them makes a class or a tree of method handles, which no AOT cache keeps: 30 ms of a
 * start, and slow for as long as they are interpreted. {@code LinkAhead.java FOLDER JAR...}: the folder has all jars.
 *
 * @see java.lang.runtime.SwitchBootstraps
 * @see java.lang.runtime.ObjectMethods
 */
final class LinkAhead {
  private static final ClassDesc OBJECTS = ClassDesc.of("java.util.Objects");

  private final ClassFile classes;
  private int written;

  private LinkAhead(ClassLoader all) {
    ClassHierarchyResolver resolver = ClassHierarchyResolver.ofResourceParsing(all).orElse(ClassHierarchyResolver.defaultResolver());
    classes = ClassFile.of(ClassFile.ClassHierarchyResolverOption.of(resolver));
  }

  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    List<URL> jars = new ArrayList<>();
    try (var files = Files.newDirectoryStream(folder, "*.jar")) {
      for (Path jar : files) jars.add(jar.toUri().toURL());
    }
    Map<Path, byte[]> rewritten = new LinkedHashMap<>();
    try (URLClassLoader all = new URLClassLoader(jars.toArray(URL[]::new), null)) {
      LinkAhead it = new LinkAhead(all);
      for (String jar : List.of(args).subList(1, args.length)) rewritten.put(folder.resolve(jar), it.rewritten(folder.resolve(jar)));
      if (it.written == 0) throw new IllegalStateException("found nothing to link ahead in " + folder);
    }
    for (var jar : rewritten.entrySet()) Files.write(jar.getKey(), jar.getValue());
  }

  private byte[] rewritten(Path jar) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipFile from = new ZipFile(jar.toFile());
        ZipOutputStream to = new ZipOutputStream(bytes)) {
      for (ZipEntry entry : from.stream().toList()) {
        byte[] content = from.getInputStream(entry).readAllBytes();
        ZipEntry next = new ZipEntry(entry.getName());
        next.setTimeLocal(entry.getTimeLocal());
        to.putNextEntry(next);
        to.write(entry.getName().endsWith(".class") ? linked(content) : content);
        to.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  private byte[] linked(byte[] content) {
    ClassModel model = classes.parse(content);
    Linking linking = new Linking(model);
    byte[] result = classes.transformClass(model, linking.transform());
    if (linking.methods.isEmpty()) return content;
    List<VerifyError> errors = classes.verify(result);
    if (!errors.isEmpty()) throw errors.getFirst();
    written += linking.methods.size();
    return result;
  }

  /** Of one class. */
  private static final class Linking {
    private final ClassDesc self;
    private final boolean isInterface;
    private final List<Consumer<ClassBuilder>> methods = new ArrayList<>();

    Linking(ClassModel model) {
      this.self = model.thisClass().asSymbol();
      this.isInterface = (model.flags().flagsMask() & ClassFile.ACC_INTERFACE) != 0;
    }

    ClassTransform transform() {
      return ClassTransform.transformingMethodBodies(this::link).andThen(ClassTransform.endHandler(builder -> methods.forEach(method -> method.accept(builder))));
    }

    private void link(CodeBuilder code, CodeElement element) {
      if (element instanceof InvokeDynamicInstruction call && bodyOf(call) instanceof Consumer<CodeBuilder> body) {
        code.invokestatic(self, method(call.typeSymbol(), body), call.typeSymbol(), isInterface);
      } else {
        code.with(element);
      }
    }

    private String method(MethodTypeDesc type, Consumer<CodeBuilder> body) {
      String name = "linked$" + methods.size();
      int flags = ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC | ClassFile.ACC_SYNTHETIC;
      methods.add(builder -> builder.withMethodBody(name, type, flags, body));
      return name;
    }

    /** Null where the call is to be left as it is. */
    private Consumer<CodeBuilder> bodyOf(InvokeDynamicInstruction call) {
      String bootstrap = call.bootstrapMethod().owner().displayName() + "." + call.bootstrapMethod().methodName();
      return switch (bootstrap + " " + call.name()) {
        case "SwitchBootstraps.typeSwitch typeSwitch" -> typeSwitch(call.bootstrapArgs());
        case "ObjectMethods.bootstrap equals" -> code -> equal(code, fields(call.bootstrapArgs()));
        case "ObjectMethods.bootstrap hashCode" -> code -> hash(code, fields(call.bootstrapArgs()));
        default -> null;
      };
    }

    private static Consumer<CodeBuilder> typeSwitch(List<ConstantDesc> labels) {
      if (!labels.stream().allMatch(label -> label instanceof ClassDesc)) return null; // a constant, a string
      return code -> {
        code.aload(0).ifThen(Opcode.IFNULL, isNull -> isNull.loadConstant(-1).ireturn());
        for (int i = 0; i < labels.size(); i++) {
          int label = i;
          Label next = code.newLabel();
          // where a guard has said no, the switch goes on behind its label
          if (i > 0 || labels.size() > 1) code.iload(1).loadConstant(label).if_icmpgt(next);
          code.aload(0).instanceOf((ClassDesc) labels.get(label)).ifeq(next).loadConstant(label).ireturn().labelBinding(next);
        }
        code.loadConstant(labels.size()).ireturn();
      };
    }

    /** Behind the class and the names. */
    private static List<DirectMethodHandleDesc> fields(List<ConstantDesc> args) {
      return args.stream().skip(2).map(getter -> (DirectMethodHandleDesc) getter).toList();
    }

    private void equal(CodeBuilder code, List<DirectMethodHandleDesc> fields) {
      Label isOther = code.newLabel();
      code.aload(0).aload(1).ifThenElse(Opcode.IF_ACMPEQ, same -> same.loadConstant(1).ireturn(), other -> {});
      code.aload(1).instanceOf(self).ifeq(isOther);
      for (DirectMethodHandleDesc field : fields) {
        ClassDesc type = typeOf(field);
        get(code.aload(0), field, type);
        get(code.aload(1).checkcast(self), field, type);
        switch (TypeKind.from(type)) {
          case REFERENCE -> code.invokestatic(OBJECTS, "equals", MethodTypeDesc.of(CD_boolean, CD_Object, CD_Object)).ifeq(isOther);
          case LONG -> code.lcmp().ifne(isOther);
          case FLOAT, DOUBLE -> code.invokestatic(box(type), "compare", MethodTypeDesc.of(CD_int, type, type)).ifne(isOther);
          default -> code.if_icmpne(isOther);
        }
      }
      code.loadConstant(1).ireturn().labelBinding(isOther).loadConstant(0).ireturn();
    }

    private void hash(CodeBuilder code, List<DirectMethodHandleDesc> fields) {
      code.loadConstant(0);
      for (DirectMethodHandleDesc field : fields) {
        ClassDesc type = typeOf(field);
        get(code.loadConstant(31).imul().aload(0), field, type);
        boolean isReference = TypeKind.from(type) == TypeKind.REFERENCE;
        code.invokestatic(isReference ? OBJECTS : box(type), "hashCode", MethodTypeDesc.of(CD_int, isReference ? CD_Object : type)).iadd();
      }
      code.ireturn();
    }

    private void get(CodeBuilder code, DirectMethodHandleDesc field, ClassDesc type) {
      code.getfield(self, field.methodName(), type);
    }

    private static ClassDesc typeOf(DirectMethodHandleDesc getter) {
      return getter.invocationType().returnType();
    }

    private static ClassDesc box(ClassDesc primitive) {
      return switch (TypeKind.from(primitive)) {
        case BOOLEAN -> ClassDesc.of("java.lang.Boolean");
        case BYTE -> ClassDesc.of("java.lang.Byte");
        case CHAR -> ClassDesc.of("java.lang.Character");
        case SHORT -> ClassDesc.of("java.lang.Short");
        case INT -> ClassDesc.of("java.lang.Integer");
        case LONG -> ClassDesc.of("java.lang.Long");
        case FLOAT -> ClassDesc.of("java.lang.Float");
        case DOUBLE -> ClassDesc.of("java.lang.Double");
        default -> throw new IllegalArgumentException(primitive.displayName());
      };
    }
  }
}
