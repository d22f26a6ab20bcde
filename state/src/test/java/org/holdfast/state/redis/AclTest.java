package org.holdfast.state.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.holdfast.env.World;
import org.holdfast.transport.NetThreads;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who may do what.
class AclTest {
    private static final String NO_AUTH = "-NOAUTH Authentication required.\r\n";
    private static final String WRONG = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";

    @TempDir
    Path directory;

    @Test
    void strangersMayOnlySayWhoTheyAre() throws Exception {
        List<String> users = List.of(
                "user default on >secret ~* +@all",
                "user reader on >rrr %R~default:main:pub:* +@read +@connection +@transaction",
                "user hashed on #2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b ~* +get",
                "user gone off >ggg ~* +@all");
        DoorSettings settings = new DoorSettings("127.0.0.1", 0, Site.PLAIN).withUsers(users);
        try (Site site = new Site(directory, settings, null);
                RawClient client = site.client()) {
            assertThat(client.call("GET", "a")).isEqualTo(NO_AUTH);
            assertThat(client.call("PING")).isEqualTo(NO_AUTH);
            assertThat(client.call("HELLO", "3")).startsWith("-NOAUTH HELLO must be called");
            assertThat(client.call("FOO")).startsWith("-ERR unknown command");
            assertThat(client.call("AUTH", "wrong")).isEqualTo(WRONG);
            assertThat(client.call("AUTH", "nobody", "x")).isEqualTo(WRONG);
            assertThat(client.call("AUTH", "gone", "ggg")).isEqualTo(WRONG);
            assertThat(client.call("AUTH", "secret")).isEqualTo("+OK\r\n");
            assertThat(client.call("SET", "pub:a", "1")).isEqualTo("+OK\r\n");
            assertThat(client.call("AUTH", "reader", "bad")).isEqualTo(WRONG);
            assertThat(client.call("ACL", "WHOAMI")).contains("default");

            assertThat(client.call("HELLO", "3", "AUTH", "reader", "rrr", "SETNAME", "me"))
                    .startsWith("%7\r\n");
            assertThat(client.call("CLIENT", "GETNAME")).isEqualTo("$2\r\nme\r\n");
            assertThat(client.call("GET", "pub:a")).isEqualTo("$1\r\n1\r\n");
            assertThat(client.call("SET", "pub:a", "2"))
                    .isEqualTo("-NOPERM this user has no permissions to run the 'set' command\r\n");
            assertThat(client.call("GET", "private"))
                    .isEqualTo("-NOPERM this user has no permissions to access one of the keys used as arguments\r\n");
            // "pub:" and what follows would be a cursor like another.
            for (String cursor : new String[] {"", "pub:", "pub:YQ=="}) {
                assertThat(client.call("FULLSCAN", cursor, "KV"))
                        .isEqualTo("-NOPERM this user has no permissions to read every key of the table\r\n");
            }
            assertThat(client.call("CONFIG", "GET", "*"))
                    .isEqualTo("-NOPERM this user has no permissions to run the 'config|get' command\r\n");
            assertThat(client.call("MULTI") + client.call("GET", "private") + client.call("EXEC"))
                    .contains("-NOPERM", "-EXECABORT");
            assertThat(client.call("RESET")).isEqualTo("+RESET\r\n");
            assertThat(client.call("GET", "pub:a")).isEqualTo(NO_AUTH);
            assertThat(client.call("AUTH", "hashed", "rrr")).isEqualTo(WRONG);
            assertThat(client.call("AUTH", "hashed", "secret")).isEqualTo("+OK\r\n");
        }
    }

    @Test
    void strangersMayNotSendMuch() throws Exception {
        DoorSettings settings =
                new DoorSettings("127.0.0.1", 0, Site.PLAIN).withUsers(List.of("user default on >secret ~* +@all"));
        try (Site site = new Site(directory, settings, null)) {
            try (RawClient client = site.client()) {
                client.send("*11\r\n");
                assertThat(client.rest()).isEqualTo("-ERR Protocol error: unauthenticated multibulk length\r\n");
            }
            try (RawClient client = site.client()) {
                client.send("*2\r\n$4\r\nAUTH\r\n$16385\r\n");
                assertThat(client.rest()).isEqualTo("-ERR Protocol error: unauthenticated bulk length\r\n");
            }
        }
    }

    @Test
    void listsAreAsRedisPrintsThem() throws Exception {
        List<String> users = List.of("user bob on >x ~a* %R~b* -@all +get +@hash -hdel +config|get");
        DoorSettings settings = new DoorSettings("127.0.0.1", 0, Site.PLAIN).withUsers(users);
        try (Site site = new Site(directory, settings, null);
                RawClient client = site.client()) {
            // As a redis-server 7.0.15 prints the same rules.
            assertThat(client.call("ACL", "LIST"))
                    .contains("user bob on #2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881 ~a* %R~b*"
                            + " resetchannels -@all +get +@hash -hdel +config|get");
            assertThat(client.call("ACL", "SETUSER", "eve", "on"))
                    .startsWith("-ERR not supported by this ledger: users");
        }
    }

    @Test
    void everyWrongRuleIsNamedAtOnce() {
        List<String> users = List.of(
                "user a on +nothing", "user b +@nothing >s3cret (~x +get)", "bob on", "user c %X~a", "user c on");
        DoorSettings settings = new DoorSettings("127.0.0.1", 0, Site.PLAIN).withUsers(users);
        try (NetThreads threads = NetThreads.start(World.real());
                LocalBackend backend = new LocalBackend(directory)) {
            assertThatThrownBy(() -> RedisDoor.open(World.real(), threads, settings, null, backend))
                    .isInstanceOf(DoorFault.class)
                    .hasMessageContainingAll(
                            "user a, rule '+nothing': no such command",
                            "user b, rule '+@nothing': no such category",
                            "selectors are not supported",
                            "'bob on': a line is `user NAME RULE ...`",
                            "user c, rule '%X~a'",
                            "user c has two lines")
                    .hasMessageNotContaining("s3cret");
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }
}
