package org.holdfast.cli;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.holdfast.env.DiskFault;
import org.holdfast.wire.Decode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `holdfast submit`.
@Command(
        name = "submit",
        description = "Submits transactions and reports how many are durable: ordered by a quorum and on its disks.",
        footer = {
            "",
            "The bytes are taken as they are. When a node fails the command goes on with the next one. Lines the",
            "failed node had not answered are looked up in the ledger, and sent again when they are not there; a line",
            "ordered even later than that stands twice, with one transaction id.",
            "",
            "Examples:",
            "  holdfast submit --channel demo --lines --file orders.txt    a transaction per line",
            "  tar c docs | holdfast submit --channel demo -               one transaction"
        })
final class SubmitCommand implements Callable<Integer> {
    /// The channel takes envelopes of at most 10 MiB; headers, certificate and signature take a few KiB of them.
    static final int LINE_BYTES_MAX = (10 << 20) - (16 << 10);

    private static final int WINDOW_MAX = 100_000;
    private static final long LAST_ANSWERS_MILLIS = 2_000;

    private final Session session;

    @Mixin
    private final DirOption dirOption = new DirOption();

    @Option(names = "--channel", paramLabel = "NAME", required = true, description = "The channel.")
    private String channel = "";

    @Option(names = "--file", paramLabel = "FILE", description = "What to submit; - is standard input.")
    private @Nullable Path file;

    @Parameters(paramLabel = "-", arity = "0..1", description = "A single '-': submit standard input.")
    private @Nullable String dash;

    @Option(names = "--lines", description = "A transaction per line; without it the input is one transaction.")
    private boolean lines;

    @Option(
            names = "--window",
            paramLabel = "N",
            description = "Transactions under way at one time (default: ${DEFAULT-VALUE}).",
            defaultValue = "500")
    private int window = 500;

    @Option(names = "--node", paramLabel = "NODE", description = "The node to begin with.")
    private @Nullable String node;

    SubmitCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        if (window < 1 || window > WINDOW_MAX) {
            throw CommandFault.usage("--window is %d, allowed are 1 to %d", window, WINDOW_MAX);
        }
        if ((file == null) == (dash == null) || (dash != null && !dash.equals("-"))) {
            throw CommandFault.usage("say what to submit: either --file FILE or - for standard input");
        }
        if (file != null && file.toString().equals("-")) {
            file = null;
        }
        NetworkDir dir = dirOption.open(session);
        try (Counted in = new Counted(input());
                Lines source = new Lines(in, !lines, LINE_BYTES_MAX);
                Client client = Client.open(session, dir, channel, Optional.ofNullable(node))) {
            SubmitReport report =
                    new SubmitReport(session, file == null ? 0 : file.toFile().length(), in::count);
            return submit(source, client, report);
        }
    }

    private int submit(Lines source, Client client, SubmitReport report) throws IOException {
        CountDownLatch ended = new CountDownLatch(1);
        try (Submission submission = new Submission(session, client, window, report)) {
            Runnable takeBack = session.world().atShutdown("submit-interrupted", () -> interrupted(submission, ended));
            try {
                submission.run(source);
            } finally {
                ended.countDown();
            }
            if (!submission.stopped()) {
                takeBack.run();
                report.summary(submission.tally());
            }
            return submission.tally().refused() == 0 ? 0 : CommandFault.FAILED;
        }
    }

    /// On the shutdown thread: gives the answers under way a moment, then says how far it got.
    private void interrupted(Submission submission, CountDownLatch ended) {
        if (ended.getCount() == 0) {
            return;
        }
        submission.stop();
        try {
            ended.await(LAST_ANSWERS_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        session.screen().endLive();
        session.screen().note("interrupted: " + SubmitReport.extent(submission.tally()));
    }

    private InputStream input() throws IOException {
        if (file == null) {
            return System.in;
        }
        if (file.toFile().isDirectory()) {
            throw CommandFault.usage("%s is a directory; name a file", file);
        }
        try {
            return session.world().disk().stream(file);
        } catch (DiskFault e) {
            throw CommandFault.failed("%s cannot be read: %s", file, Decode.reason(e));
        }
    }

    /// Counts what was read, for the progress bar.
    private static final class Counted extends FilterInputStream {
        private long count;

        Counted(InputStream in) {
            super(in);
        }

        long count() {
            return count;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = super.read(target, offset, length);
            count += Math.max(read, 0);
            return read;
        }
    }
}
