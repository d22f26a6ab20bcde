package org.holdfast.cli;

import java.util.concurrent.Callable;
import org.holdfast.node.Version;
import picocli.CommandLine.Command;

/// `holdfast version`.
@Command(name = "version", description = "Shows the program's version.")
final class VersionCommand implements Callable<Integer> {
    private final Session session;

    VersionCommand(Session session) {
        this.session = session;
    }

    static String text() {
        String commit = Version.commit();
        return "holdfast %s%s, Java %s"
                .formatted(Version.text(), commit.isEmpty() ? "" : " (" + commit + ")", Runtime.version());
    }

    @Override
    public Integer call() {
        session.screen().say(text());
        return 0;
    }
}
