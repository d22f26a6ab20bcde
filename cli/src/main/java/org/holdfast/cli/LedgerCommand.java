package org.holdfast.cli;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import org.holdfast.env.Disk;
import org.holdfast.identity.Crypto;
import org.holdfast.ledger.LedgerCheck;
import org.holdfast.ledger.LedgerFault;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/// `holdfast ledger verify` and `inspect`: a ledger's files, read only, whether a node runs on them or not.
@Command(
        name = "ledger",
        description = "Examines the files of ledgers.",
        footer = {
            "",
            "A PATH is a channel's ledger, or any directory above ledgers: a node's, or a whole network's. For inspect",
            "it may also be a file with one block, e.g. a genesis block.",
            "",
            "Examples:",
            "  holdfast ledger verify .holdfast",
            "  holdfast ledger inspect --json .holdfast/nodes/node1"
        })
final class LedgerCommand extends CommandGroup {
    LedgerCommand(Session session) {
        super(new Verify(session), new Inspect(session));
    }

    /// What both have in common.
    abstract static class OnPaths implements Callable<Integer> {
        private static final int DEPTH_MAX = 8;
        private static final String BLOCKS = "blocks";

        final Session session;

        @Parameters(paramLabel = "PATH", arity = "1..*", description = "Ledgers, or directories above ledgers.")
        private List<Path> paths = new ArrayList<>();

        @Option(names = "--json", description = "A JSON object a line.")
        boolean json;

        OnPaths(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            List<Path> ledgers = new ArrayList<>();
            boolean sound = true;
            for (Path path : paths) {
                if (path.toFile().isFile()) {
                    sound &= examineFile(path);
                    continue;
                }
                int before = ledgers.size();
                find(path.toAbsolutePath().normalize(), 0, ledgers);
                if (ledgers.size() == before) {
                    throw CommandFault.failed(
                            "%s holds no ledger; a channel's ledger is a directory with 'blocks' in it", path);
                }
            }
            for (Path ledger : ledgers) {
                sound &= examine(ledger);
            }
            return sound ? 0 : CommandFault.FAILED;
        }

        private void find(Path directory, int depth, List<Path> ledgers) {
            Disk disk = session.world().disk();
            if (disk.exists(directory.resolve(BLOCKS))) {
                ledgers.add(directory);
            } else if (depth < DEPTH_MAX) {
                disk.list(directory).stream()
                        .filter(path -> path.toFile().isDirectory())
                        .forEach(path -> find(path, depth + 1, ledgers));
            }
        }

        /// @return whether the ledger is sound
        abstract boolean examine(Path ledger);

        /// A file instead of a directory.
        ///
        /// @return whether the block in it is sound
        abstract boolean examineFile(Path file);

        void say(ObjectNode object, String text) {
            session.screen().say(json ? Json.line(object) : text);
        }

        boolean tell(Path ledger, LedgerCheck.Report report, String extra) {
            ObjectNode object = Json.object()
                    .put("ledger", ledger.toString())
                    .put("sound", report.sound())
                    .put("first", report.first())
                    .put("height", report.height())
                    .put("blocks", report.blocks())
                    .put("transactions", report.transactions())
                    .put("bytes", report.bytes())
                    .put("index", report.index().toString());
            report.tail().ifPresent(tail -> object.put("unfinishedTail", tail.toString()));
            report.fault().ifPresent(fault -> fault(object, fault));
            say(
                    object,
                    "%s: %s, height %d, %d blocks, %d transactions, %d bytes, index %s%s%s%s"
                            .formatted(
                                    ledger,
                                    report.sound() ? "sound" : "DAMAGED",
                                    report.height(),
                                    report.blocks(),
                                    report.transactions(),
                                    report.bytes(),
                                    report.index(),
                                    extra,
                                    report.tail()
                                            .map(tail ->
                                                    "\n  unfinished record at the end, cut by the next start: " + tail)
                                            .orElse(""),
                                    report.fault()
                                            .map(fault -> "\n  first fault: " + fault
                                                    + "\n  what to do: stop the node, move this ledger aside and"
                                                    + " let the node fetch it again")
                                            .orElse("")));
            return report.sound();
        }

        private static void fault(ObjectNode object, LedgerFault fault) {
            ObjectNode detail =
                    Json.object().put("path", fault.path().toString()).put("text", fault.toString());
            switch (fault) {
                case LedgerFault.Corrupt corrupt ->
                    detail.put("kind", "corrupt")
                            .put("offset", corrupt.offset())
                            .put("reason", corrupt.reason());
                case LedgerFault.TooOld old -> detail.put("kind", "too old").put("version", old.version());
                case LedgerFault.TooNew fresh -> detail.put("kind", "too new").put("version", fresh.version());
            }
            object.set("fault", detail);
        }
    }

    @Command(
            name = "verify",
            description = "Checks checksums, numbers, the hash chain, the index and every block's signatures. "
                    + "Exit code 1 at the first fault of a ledger.")
    static final class Verify extends OnPaths {
        @Option(names = "--no-signatures", description = "Leave out the signatures.")
        private boolean unsigned;

        Verify(Session session) {
            super(session);
        }

        @Override
        boolean examineFile(Path file) {
            throw CommandFault.failed("%s is one block; it is shown by: holdfast ledger inspect", file);
        }

        @Override
        boolean examine(Path ledger) {
            if (unsigned) {
                return tell(ledger, LedgerCheck.verify(session.world(), ledger), ", signatures not checked");
            }
            SignatureCheck check = new SignatureCheck(Crypto.choose());
            LedgerCheck.Report report = LedgerCheck.verify(session.world(), ledger, check);
            return tell(ledger, report, ", %d block signatures verified".formatted(check.verified()));
        }
    }

    @Command(name = "inspect", description = "Lists the files and blocks of a ledger, or shows the block in a file.")
    static final class Inspect extends OnPaths {
        Inspect(Session session) {
            super(session);
        }

        @Override
        boolean examine(Path ledger) {
            return tell(ledger, LedgerCheck.inspect(session.world(), ledger, this::line), "");
        }

        @Override
        boolean examineFile(Path file) {
            BlockFile block = BlockFile.read(file, session.world().disk().read(file));
            Crypto crypto = Crypto.choose();
            if (json) {
                session.screen().say(Json.line(block.json(crypto)));
            } else {
                block.lines(crypto).forEach(session.screen()::say);
            }
            return block.sound();
        }

        private void line(LedgerCheck.Line line) {
            switch (line) {
                case LedgerCheck.Line.OfSegment segment ->
                    say(
                            Json.object()
                                    .put("segment", segment.path().toString())
                                    .put("channel", segment.channel().name())
                                    .put("first", segment.first())
                                    .put("bytes", segment.bytes()),
                            "segment %s channel %s first block %d %d bytes"
                                    .formatted(segment.path(), segment.channel(), segment.first(), segment.bytes()));
                case LedgerCheck.Line.OfBlock block ->
                    say(
                            Json.object()
                                    .put("block", block.header().number())
                                    .put("hash", hex(block.hash()))
                                    .put("previousHash", hex(block.header().previousHash()))
                                    .put("dataHash", hex(block.header().dataHash()))
                                    .put("transactions", block.transactions())
                                    .put("bytes", block.bytes())
                                    .put("offset", block.offset()),
                            "  block %d  %s  %d transactions  %d bytes at %d"
                                    .formatted(
                                            block.header().number(),
                                            hex(block.hash()),
                                            block.transactions(),
                                            block.bytes(),
                                            block.offset()));
            }
        }

        private static String hex(ByteString bytes) {
            return HexFormat.of().formatHex(bytes.toByteArray());
        }
    }
}
