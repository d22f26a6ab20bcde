package org.holdfast.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `holdfast version`.
@Command(name = "version", description = "Shows the program's version.")
final class VersionCommand implements Callable<Integer> {
    private final Session session;

    VersionCommand(Session session) {
        this.session = session;
    }

    static String text() {
        String version = Main.class.getPackage().getImplementationVersion();
        return "holdfast %s, Java %s".formatted(version == null ? "(built here)" : version, Runtime.version());
    }

    @Override
    public Integer call() {
        session.screen().say(text());
        return 0;
    }
}
