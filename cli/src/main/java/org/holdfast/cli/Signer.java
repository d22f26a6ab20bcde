package org.holdfast.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.env.Disk;
import org.holdfast.identity.Crypto;
import org.holdfast.identity.LocalIdentity;

/// Somebody whose key is here and who may sign config updates.
///
/// @param name as it is told: MSP id and user
record Signer(String name, LocalIdentity identity) {
    private static final String ADMIN = "Admin";

    /// The admins of the network's organisations whose keys lie in its directory, in the order of network.json.
    static List<Signer> admins(NetworkDir dir, Network network) {
        List<Signer> found = new ArrayList<>();
        for (Network.Org org : network.orgs()) {
            Path users = dir.path(org.path()).resolve("users");
            List<Path> admins = users(dir.disk(), users, ADMIN);
            admins.forEach(msp -> found.add(of(dir.disk(), msp, org.mspId(), ADMIN)));
            if (admins.isEmpty() && !org.user().isEmpty()) {
                found.add(of(dir.disk(), dir.path(org.user()), org.mspId(), "user"));
            }
        }
        return found;
    }

    private static List<Path> users(Disk disk, Path users, String user) {
        if (!disk.exists(users)) {
            return List.of();
        }
        return disk.list(users).stream()
                .filter(entry -> String.valueOf(entry.getFileName()).startsWith(user + "@"))
                .map(entry -> entry.resolve("msp"))
                .filter(msp -> disk.exists(msp.resolve("keystore")))
                .toList();
    }

    private static Signer of(Disk disk, Path msp, String mspId, String user) {
        return new Signer(mspId + "/" + user, LocalIdentity.load(disk, msp, mspId, Crypto.choose()));
    }

    /// Who is meant by a word of `--as`: `MSPID=DIRECTORY` names an MSP directory, `MSPID/USER` or `MSPID` (its
    /// Admin) a user of the network's directory.
    ///
    /// @throws CommandFault when there is no such key
    static Signer named(NetworkDir dir, String word) {
        int equals = word.indexOf('=');
        if (equals > 0) {
            String mspId = word.substring(0, equals);
            Path msp = Path.of(word.substring(equals + 1)).toAbsolutePath();
            return of(dir.disk(), msp, mspId, String.valueOf(msp.getFileName()));
        }
        int slash = word.indexOf('/');
        String mspId = slash < 0 ? word : word.substring(0, slash);
        String user = slash < 0 ? ADMIN : word.substring(slash + 1);
        Network network = dir.load();
        for (Network.Org org : network.orgs()) {
            if (org.mspId().equals(mspId)) {
                Path users = dir.path(org.path()).resolve("users");
                for (Path msp : users(dir.disk(), users, user)) {
                    return of(dir.disk(), msp, mspId, user);
                }
                throw CommandFault.usage(
                        "there is no key of %s/%s in %s; name its MSP directory: --as %s=DIRECTORY",
                        mspId, user, dir.root(), mspId);
            }
        }
        throw CommandFault.usage(
                "%s is no organisation of this network; known are %s; others are named with their MSP directory:"
                        + " --as %s=DIRECTORY",
                mspId,
                String.join(
                        ", ", network.orgs().stream().map(Network.Org::mspId).toList()),
                mspId);
    }
}
