package taskmaster.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretsTest {
  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          DB_PASSWORD, x, ***
          db_passwd, x, ***
          API_KEY, x, ***
          GITHUB_TOKEN, x, ***
          AWS_SECRET_ACCESS_KEY, x, ***
          GOOGLE_CREDENTIALS, x, ***
          HTTP_AUTH, x, ***
          PRIVATE_PEM, x, ***
          SENTRY_DSN, x, ***
          DB_PASS, x, ***
          API_KEY, '', ''
          PATH, /usr/bin, /usr/bin
          PWD, /srv, /srv
          DATABASE_URL, postgres://app:hunter2@db/app, postgres://app:***@db/app
          URLS, 'http://a:b@c,http://d:e@f/x', 'http://a:***@c,http://d:***@f/x'
          URLS, 'http://a:b@c http://d:e@f/x', 'http://a:***@c http://d:***@f/x'
          AT, http://u:p@ss@host/, http://u:***@host/
          SLASH, amqp://u:p/w@host/v, amqp://u:***@host/v
          SITE, http://host:80/x@y:z, http://host:80/x@y:z
          USER_ONLY, ftp://me@host, ftp://me@host
          """)
  void a_value_is_shown_so(String name, String value, String shown) {
    assertThat(Secrets.of(Map.of()).value(name, value)).isEqualTo(shown);
  }

  @Test
  void words_are_hidden_after_what_names_them() {
    assertThat(Secrets.of(Map.of()).words(List.of("run", "--password=x", "--token", "y", "API_KEY=z", "--key", "--verbose", "redis://:p@h", "plain")))
        .containsExactly("run", "--password=***", "--token", "***", "API_KEY=***", "--key", "--verbose", "redis://:***@h", "plain");
  }

  @Test
  void options_in_a_value_are_looked_at_like_those_of_a_command() {
    Secrets secrets = Secrets.of(Map.of());
    assertThat(secrets.value("JAVA_OPTS", "-Xmx1g  -Ddb.password=x --token y -v")).isEqualTo("-Xmx1g  -Ddb.password=*** --token *** -v");
    assertThat(secrets.value("TEXT", "well-known - fine")).isEqualTo("well-known - fine");
    assertThat(secrets.value("SLACK_WEBHOOK", "https://hooks.example/T/B/x")).isEqualTo("***");
  }

  @Test
  void a_secret_is_hidden_wherever_it_was_put() {
    Secrets secrets = Secrets.of(Map.of("DB_PASSWORD", "not a good one", "PIN_KEY", "1", "SITE", "example"));
    assertThat(secrets.value("URL", "postgres://app:not a good one@db/app")).isEqualTo("postgres://app:***@db/app");
    assertThat(secrets.words(List.of("run", "-p1", "-xnot a good one", "example"))).containsExactly("run", "-p1", "-x***", "example");
  }
}
