package org.holdfast.state.redis;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.state.Command;
import org.holdfast.state.CommandSpec;

/// What commands do with each of their keys, where it is not plainly "read" for reading commands and "change" for
/// writing ones: the access that Redis 7.0's own key specifications declare.
final class KeyUses {
    /// What is done with a key.
    enum Use {
        /// Its content shows in the reply.
        READ,
        /// It is changed.
        WRITE,
        /// Both.
        BOTH,
        /// Only whether it is there, its kind or its size shows: any access to the key will do.
        TOUCH
    }

    private static final List<Use> READING = List.of(Use.READ);
    private static final List<Use> WRITING = List.of(Use.WRITE);
    private static final Map<String, List<Use>> SPECIAL = special();

    private KeyUses() {}

    /// What a command does with its keys, in their order; the last entry stands for all that follow.
    static List<Use> of(CommandSpec spec, Command command) {
        List<Use> special = SPECIAL.get(spec.name());
        if (special == null) {
            return spec.writes() ? WRITING : READING;
        }
        return spec.name().equals("set") && !asksForOld(command) ? WRITING : special;
    }

    // SET shows the old value only when told to.
    private static boolean asksForOld(Command command) {
        return command.argv().stream()
                .skip(3)
                .anyMatch(word -> new String(word, StandardCharsets.ISO_8859_1).equalsIgnoreCase("get"));
    }

    private static Map<String, List<Use>> special() {
        Map<String, List<Use>> uses = new HashMap<>();
        put(uses, "exists table.size hexists hlen hstrlen llen scard sismember strlen touch type zcard", Use.TOUCH);
        put(uses, "hkeyexist lkeyexist skeyexist zkeyexist bkeyexist", Use.TOUCH);
        put(uses, "object object|encoding object|freq object|idletime object|refcount memory|usage watch", Use.TOUCH);
        put(uses, "getset getdel getex incr decr incrby decrby incrbyfloat setbit bitfield set", Use.BOTH);
        put(uses, "lpop rpop lmpop blpop brpop blmpop spop", Use.BOTH);
        put(uses, "zpopmin zpopmax zmpop bzpopmin bzpopmax bzmpop", Use.BOTH);
        put(uses, "hincrby hincrbyfloat zincrby setifeq delifeq json.arrpop", Use.BOTH);
        put(uses, "json.keyexists json.type json.arrlen json.objlen", Use.TOUCH);
        put(uses, "rename renamenx rpoplpush brpoplpush lmove blmove smove", Use.BOTH, Use.WRITE);
        put(uses, "copy georadius georadiusbymember sort", Use.READ, Use.WRITE);
        put(uses, "bitop sunionstore sinterstore sdiffstore", Use.WRITE, Use.READ);
        put(uses, "zunionstore zinterstore zdiffstore zrangestore geosearchstore", Use.WRITE, Use.READ);
        put(uses, "pfmerge", Use.BOTH, Use.READ);
        return Map.copyOf(uses);
    }

    private static void put(Map<String, List<Use>> into, String names, Use... uses) {
        for (String name : names.split(" ", -1)) {
            into.put(name, List.of(uses));
        }
    }
}
