package org.holdfast.node;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;
import org.holdfast.keyspace.ShardName;
import org.holdfast.node.NodeSettings.Address;
import org.holdfast.node.NodeSettings.TlsSettings;
import org.holdfast.state.redis.DoorSettings.Allowed;
import org.holdfast.wire.Decode;

/// Makes settings of the Redis doors of what was given, with a fault for each thing that does not go together.
final class RedisReader {
    static final String SECTION = "Holdfast.Redis";
    static final String PORT = SECTION + ".ListenPort";
    static final String PLAIN_PORT = SECTION + ".Plain.ListenPort";

    private static final Pattern TABLE = Pattern.compile("[A-Za-z0-9_]{1,255}");
    private static final int REPLY_LEAST = 1 << 16;

    private final Disk disk;
    private final Given given;

    RedisReader(Disk disk, Given given) {
        this.disk = disk;
        this.given = given;
    }

    /// @param tls of the section, its files checked
    RedisSettings read(Optional<TlsSettings> tls) {
        given.path(SECTION + ".UsersFile").ifPresent(file -> {
            try {
                disk.read(file);
            } catch (DiskFault e) {
                given.fault("%s.UsersFile: %s; give a file of ACL lines", SECTION, Decode.reason(e));
            }
        });
        tls.filter(files ->
                        files.clientCertificateRequired() && files.clientRoots().isEmpty())
                .ifPresent(_ -> given.fault(
                        "%1$s.TLS.ClientAuthRequired is true and %1$s.TLS.ClientRootCAs is empty: nobody could connect;"
                                + " give the CA certificates of the clients",
                        SECTION));
        int clients = given.number(SECTION + ".MaxClients");
        if (clients < 1) {
            given.fault("%s.MaxClients is 0: nobody could connect; leave ListenPort out for no door", SECTION);
        }
        int reply = given.number(SECTION + ".MaxReplySize");
        if (reply < REPLY_LEAST) {
            given.fault("%s.MaxReplySize is %d bytes: at least %d are wanted", SECTION, reply, REPLY_LEAST);
        }
        return new RedisSettings(
                address(SECTION + ".ListenAddress", PORT),
                plain(),
                tls,
                given.texts(SECTION + ".Users"),
                given.path(SECTION + ".UsersFile"),
                allowed(),
                Math.max(1, clients),
                Math.max(REPLY_LEAST, reply),
                given.duration(SECTION + ".IdleTimeout"));
    }

    private Optional<Address> address(String host, String port) {
        return given.has(port)
                ? Optional.of(
                        new Address(given.text(host).isEmpty() ? Address.ALL : given.text(host), given.number(port)))
                : Optional.empty();
    }

    private Optional<RedisSettings.Plain> plain() {
        String keyspace = given.text(SECTION + ".Plain.Keyspace");
        String table = given.text(SECTION + ".Plain.Table");
        if (!ShardName.isKeyspace(keyspace)) {
            given.fault(
                    "%s.Plain.Keyspace is '%s': letters, digits and underscores are wanted, %d at most",
                    SECTION, keyspace, ShardName.KEYSPACE_MAX);
            return Optional.empty();
        }
        if (!TABLE.matcher(table).matches()) {
            given.fault(
                    "%s.Plain.Table is '%s': letters, digits and underscores are wanted, 255 at most", SECTION, table);
            return Optional.empty();
        }
        return address(SECTION + ".Plain.ListenAddress", PLAIN_PORT)
                .map(listen -> new RedisSettings.Plain(listen, keyspace, table));
    }

    private Set<Allowed> allowed() {
        Set<Allowed> allowed = EnumSet.noneOf(Allowed.class);
        for (String word : given.texts(SECTION + ".Allow")) {
            switch (word.toLowerCase(Locale.ROOT)) {
                case "flush" -> allowed.add(Allowed.FLUSH);
                case "debug-sleep" -> allowed.add(Allowed.DEBUG_SLEEP);
                default -> given.fault("%s.Allow has '%s': flush or debug-sleep is wanted", SECTION, word);
            }
        }
        return allowed;
    }
}
