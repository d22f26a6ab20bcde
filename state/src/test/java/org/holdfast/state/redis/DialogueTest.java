package org.holdfast.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The same bytes to the door and to a real redis-server 7.0.15 (the oracle): the same bytes come back.
class DialogueTest {
    private static final List<String> RULES = List.of(
            "on nopass %R~* +@all",
            "on nopass %W~* +@all",
            "on nopass ~a* %R~b* +@all",
            "on nopass ~* +@read",
            "on nopass ~* +@all -@dangerous -@slow",
            "on nopass ~* +@string -set +config|get",
            "on nopass ~* -@all +@fast -@write +lpop",
            "off ~* +@all");

    private static final String[] MEANT = ("PING|"
                    + "GET a|GET b|GET c|SET a 1|SET b 1|SET b 1 GET|INCR a|INCR b|DEL b|EXISTS b|COPY a b|COPY b a"
                    + "|RENAME a b|RENAME b a|BITOP AND a b c|BITOP AND a b b|MGET a b c|LPOP a|LPOP b|LPUSH b x"
                    + "|LMPOP 2 a b LEFT|ZUNIONSTORE a 2 b b|ZUNIONSTORE b 1 a|SMOVE a b x|PFMERGE a b|PFMERGE b a"
                    + "|GETEX b|TTL c|TYPE c|STRLEN b|CONFIG GET x|CONFIG SET x y|PING|KEYS *|FLUSHALL|HINCRBY b f 1"
                    + "|ZADD b 1 x|ZINCRBY b 1 x|SINTERSTORE a b b|GEOSEARCHSTORE a b FROMMEMBER x BYRADIUS 1 m"
                    + "|BLPOP a b 0|OBJECT ENCODING b")
            .split("\\|", -1);

    private static RealRedis redis;
    private static Site site;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        redis = new RealRedis(directory);
        site = new Site(directory);
    }

    @AfterAll
    static void stop() {
        site.close();
        redis.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // The connection.
                "PING|PING x|PING a b|ping|ECHO hi|ECHO|ECHO a b|FOO|FOO bar baz|SET|GET a b",
                "SELECT 0|SELECT x|SELECT 99",
                "AUTH x|AUTH a b|AUTH a b c|AUTH|HELLO x|HELLO 4|HELLO 2 FOO|HELLO 2 AUTH a b|HELLO 2 SETNAME",
                "RESET|QUIT",
                "CLIENT|CLIENT FOO|CLIENT GETNAME|CLIENT SETNAME me|CLIENT GETNAME|CLIENT SETNAME|CLIENT GETREDIR",
                "CLIENT KILL|CLIENT KILL 1.2.3.4:1|CLIENT KILL ID x|CLIENT KILL ID 0|CLIENT KILL ID 99999",
                "CLIENT KILL FOO 1",
                "CLIENT KILL USER nobody|CLIENT KILL TYPE foo|CLIENT KILL TYPE normal SKIPME|CLIENT KILL TYPE pubsub",
                "CLIENT UNBLOCK 99999|CLIENT UNBLOCK x|CLIENT UNBLOCK 1 x|CLIENT NO-EVICT on|CLIENT NO-EVICT x",
                "CLIENT LIST TYPE foo|CLIENT LIST ID x|CLIENT LIST FOO|CLIENT LIST TYPE pubsub|CLIENT REPLY x",
                "CLIENT REPLY OFF|PING|CLIENT REPLY ON|PING|CLIENT REPLY SKIP|PING|PING a",
                // What the server says of itself.
                "CONFIG|CONFIG FOO|CONFIG GET|CONFIG SET|CONFIG SET a|CONFIG SET foo bar|CONFIG GET nothing-like-that",
                "CONFIG SET timeout 0|CONFIG GET timeout|CONFIG GET TIMEOUT|CONFIG SET maxclients x",
                "CONFIG GET slowlog-max-len|CONFIG SET slowlog-max-len 64|CONFIG SET slowlog-max-len 128",
                "ACL|ACL FOO|ACL WHOAMI|ACL USERS|ACL GETUSER nobody|ACL GETUSER",
                "ACL GENPASS 0|ACL GENPASS x|ACL CAT nothing",
                "SLOWLOG|SLOWLOG RESET|SLOWLOG LEN|SLOWLOG GET|SLOWLOG GET x|SLOWLOG GET -2|SLOWLOG GET 5",
                "LATENCY LATEST|LATENCY RESET|ROLE x|FUNCTION FLUSH|WAIT x 1",
                "COMMAND GETKEYS GET|COMMAND GETKEYS GET a|COMMAND GETKEYS MSET a 1 b 2|COMMAND GETKEYS PING",
                "COMMAND GETKEYS FOO|COMMAND GETKEYS ZUNIONSTORE d 2 a b|COMMAND GETKEYS LMPOP 2 a b LEFT|COMMAND FOO",
                "COMMAND INFO nothing-like-that|COMMAND LIST FILTERBY PATTERN getran*|COMMAND LIST FILTERBY FOO x",
                // Transactions.
                "EXEC|DISCARD|MULTI x|MULTI|MULTI|DISCARD|MULTI|EXEC|UNWATCH",
                "MULTI|SET m 1|GET m|INCR m|PING|ECHO e|EXEC|GET m",
                "MULTI|SET m 2|FOO|EXEC|GET m|MULTI|GET|EXEC|PING",
                "MULTI|SET m 5|DISCARD|GET m|MULTI|INCR m x|EXEC|MULTI|SET s abc|INCR s|GET s|EXEC",
                "WATCH m|MULTI|WATCH m|EXEC|WATCH|WATCH m|SET m 9|MULTI|GET m|EXEC|GET m",
                "WATCH m|SET m 10|UNWATCH|MULTI|GET m|EXEC|WATCH m|MULTI|SET m 11|EXEC",
                "MULTI|SELECT 0|CLIENT GETNAME|EXEC|MULTI|CONFIG SET foo bar|PING|EXEC|MULTI|AUTH x|EXEC",
                "MULTI|BLPOP nolist 0|EXEC|MULTI|BLPOP nolist x|EXEC",
                "BLPOP l x|BLPOP l -1|BLPOP l|BLPOP l 0.05|BRPOP l 0.01|BLMPOP x 1 l LEFT|BLMPOP 0.01 0 l LEFT",
                "BLPOP l ' 1'|BZPOPMIN l -1|BLMOVE a b LEFT RIGHT x",
                "SET a 1|GET a|DEL a|GET a|SET n x|INCR n|MGET a n|MSET a 1 b 2|MGET a b c",
            })
    void sessionsAreTheSame(String session) throws Exception {
        for (String version : new String[] {"2", "3"}) {
            List<String> ours = answers(site.door.port(), session, version);
            List<String> theirs = answers(redis.port(), session, version);
            List<String> different = new ArrayList<>();
            for (int i = 0; i < ours.size(); i++) {
                if (!ours.get(i).equals(theirs.get(i))) {
                    different.add("ours " + ours.get(i) + " theirs " + theirs.get(i));
                }
            }
            assertThat(different).describedAs("RESP%s", version).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DEL z|ZADD z 1 a 2.5 b -inf c|ZADD z INCR 1.5 a|ZADD z XX INCR 1 x|ZSCORE z a|ZSCORE z x",
                "ZMSCORE z b x|ZRANGE z 0 -1|ZRANGE z 0 -1 WITHSCORES|ZREVRANGEBYSCORE z +inf 2 WITHSCORES",
                "ZRANK z b|ZRANK z x|ZADD y 1.5 a|ZRANDMEMBER y 5 WITHSCORES|ZRANDMEMBER x|ZSCAN y 0|DEL y",
                "ZUNION 2 z z WITHSCORES|ZINCRBY z 1 b|ZPOPMIN z|ZPOPMAX z 1|ZPOPMAX z 0|ZPOPMIN nothing",
                "ZPOPMIN nothing 2|ZADD z 3 d|ZMPOP 2 x z MAX COUNT 2|ZMPOP 1 nothing MIN",
                "ZADD y 1 a|BZPOPMIN x y 0|ZADD y 1 a|BZMPOP 0 1 y MAX|BZPOPMAX y 0.01",
                "DEL geo|GEOADD geo 13.361389 38.115556 Palermo 15.087269 37.502669 Catania",
                "GEODIST geo Palermo Catania|GEODIST geo Palermo x|GEOADD geo CH 180 90 x|GEOPOS nothing a",
                "GEOPOS geo Palermo x|GEOHASH geo Palermo x",
                "GEOSEARCH geo FROMLONLAT 15 37 BYRADIUS 200 km ASC WITHCOORD WITHDIST WITHHASH"
            })
    void sortedSetsAndPlacesAreTheSame(String session) throws Exception {
        sessionsAreTheSame(session);
    }

    /// What Redis' own tests found.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "CLIENT REPLY SKIP|CLIENT REPLY ON|PING",
                "COMMAND GETKEYS SORT k STORE a STORE b|COMMAND GETKEYS SORT k GET STORE",
                "CONFIG SET timeout 0 timeout 0|CONFIG GET key-load-*",
                "MULTI|SAVE|SHUTDOWN|PING|EXEC|PING",
                "SET a 1|OBJECT FREQ a|OBJECT REFCOUNT b|OBJECT IDLETIME none|OBJECT FREQ none|OBJECT FOO a",
                "MEMORY USAGE none|MEMORY USAGE a SAMPLES x|MEMORY USAGE a SAMPLES -1|MEMORY USAGE a FOO|MEMORY USAGE",
                "DEBUG PROTOCOL string|DEBUG PROTOCOL double|DEBUG PROTOCOL null|DEBUG PROTOCOL map|DEBUG PROTOCOL set",
                "DEBUG PROTOCOL integer|DEBUG PROTOCOL array|DEBUG PROTOCOL verbatim|DEBUG PROTOCOL true",
                "HSET one f v|HRANDFIELD one 3 WITHVALUES|HRANDFIELD one -2 WITHVALUES|DEL one",
                "HSET two f v|HRANDFIELD two 3|HRANDFIELD two|DEL two"
            })
    void whatTheSuiteFoundIsTheSame(String session) throws Exception {
        sessionsAreTheSame(session);
    }

    private static List<String> answers(int port, String session, String version) throws Exception {
        List<String> answers = new ArrayList<>();
        try (RawClient client = new RawClient(port)) {
            if (version.equals("3")) {
                client.call("HELLO", "3");
            }
            boolean silent = false;
            boolean skip = false;
            for (String text : session.split("\\|", -1)) {
                String[] words = text.split(" (?=(?:[^']*'[^']*')*[^']*$)", -1);
                for (int i = 0; i < words.length; i++) {
                    words[i] = words[i].replace("'", "");
                }
                silent = text.equals("CLIENT REPLY OFF") || (silent && !text.equals("CLIENT REPLY ON"));
                client.send(RawClient.request(words));
                boolean none = silent || skip || text.equals("CLIENT REPLY SKIP");
                skip = text.equals("CLIENT REPLY SKIP");
                answers.add(text + " -> " + (none ? "" : client.reply()));
            }
        }
        return answers;
    }

    /// Requests that are none: the same text, and then the connection's end.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "*-10\r\nPING\r\n*x\r\n",
                "*3000000000\r\n",
                "*1\r\nfoo\r\n",
                "*3\r\n$3\r\nSET\r\n$1\r\nx\r\nfooz\r\n",
                "*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$-1\r\n",
                "*1\r\n$2000000000\r\n",
                "*1\r\n$blabla\r\n",
                "*\r\n",
                "set \"\"\"a\"\"\" b\r\n",
                "\r\n\r\nPING\r\nPING 'x\r\n",
                "*2\r\n$4\r\nECHO\r\n$1\r\nzXX*1\r\n$x\r\n",
                "QUIT\r\nPING\r\n"
            })
    void faultsAreTheSame(String bytes) throws Exception {
        List<String> answers = new ArrayList<>();
        for (int port : new int[] {site.door.port(), redis.port()}) {
            try (RawClient client = new RawClient(port)) {
                client.send(bytes);
                answers.add(client.rest());
            }
        }
        assertThat(answers.getFirst()).isEqualTo(answers.getLast());
    }

    /// What users may do with commands and keys: ACL DRYRUN of every command of both.
    @Test
    void theSameIsForbidden(@TempDir Path directory) throws Exception {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < RULES.size(); i++) {
            lines.add("user u" + i + " " + RULES.get(i));
        }
        DoorSettings settings = new DoorSettings("127.0.0.1", 0, KeyMapping.FULL).withUsers(lines);
        try (Site acl = new Site(directory, settings, null);
                RawClient ours = acl.client();
                RawClient theirs = new RawClient(redis.port())) {
            List<String> different = new ArrayList<>();
            for (int i = 0; i < RULES.size(); i++) {
                theirs.call(("ACL SETUSER u" + i + " " + RULES.get(i)).split(" ", -1));
                for (String request : MEANT) {
                    String[] words = ("ACL DRYRUN u" + i + " " + request).split(" ", -1);
                    boolean oursMay = ours.call(words).equals("+OK\r\n");
                    String theirReply = theirs.call(words);
                    if (oursMay != theirReply.equals("+OK\r\n")) {
                        different.add(RULES.get(i) + ": " + request + ": theirs " + theirReply.strip());
                    }
                }
            }
            for (int i = 0; i < RULES.size(); i++) {
                theirs.call("ACL", "DELUSER", "u" + i);
            }
            assertThat(different).isEmpty();
        }
    }
}
