package org.holdfast.node;

import java.util.List;

/// `docs/settings.md`, made from the table of keys.
final class SettingsDocument {
    private static final String HEAD = """
            # Settings of a node

            A node reads Fabric's `orderer.yaml` (2.2 to 3.1) unchanged, with our own keys under `Holdfast`. This page
            is made from the program's table of keys; a test keeps the two equal.

            - **Where from.** `--config FILE`; without it `orderer.yaml` in the directory that `FABRIC_CFG_PATH`
              names, else in `/etc/hyperledger/fabric`. Relative paths lie beside the file.
            - **Environment.** `ORDERER_` and the path in capitals with `_` for `.` overrides the file, also where the
              file says nothing: `ORDERER_GENERAL_LISTENPORT=7051`. Lists are `a,b`, `a b` or `[a, b]`. An empty
              variable is none.
            - **Keys.** Upper and lower case are the same. An unknown key or `ORDERER_` variable is a warning that
              names the key that may be meant; Fabric refuses to start there. A key that is null, or is not there, has
              its default.
            - **Values.** Durations carry their unit (`500ms`, `5s`, `1m30s`, `168h`). Sizes are bytes, or take `k`,
              `m`, `g` (with or without `B`, powers of 1024): `10 MB`. Flags are true or false (yes, no, on, off, 1, 0
              too).
            - **Faults.** Everything that is wrong or does not go together is told at once, each with its key and what
              to do; the node then ends with 1. The values in force are in the log at every start; passwords are not.
            - **Logging** is set by `FABRIC_LOGGING_SPEC` and `FABRIC_LOGGING_FORMAT` in the environment.

            In the tables, *obeyed* is what it says; *checked* is read and must be right, but nothing more is needed
            of it; *no effect* is taken, and a warning at the start says so when the value is not the default.

            """;

    private SettingsDocument() {}

    static String markdown() {
        StringBuilder page = new StringBuilder(HEAD);
        section(page, "General", KnownKeys.GENERAL);
        page.append("""
                With `General.TLS.Enabled` false, clients come without TLS; members then need a listener of their own
                (below), and Deliver requests are not bound to a certificate.

                """);
        section(page, "General.Cluster", KnownKeys.CLUSTER);
        page.append("""
                Members meet on the general listener, or on one of their own: `ListenAddress`, `ListenPort`,
                `ServerCertificate` and `ServerPrivateKey`, all four or none. The channel's consenter has that
                listener's host and port, its certificate as `server_tls_cert`, and the dialling certificate as
                `client_tls_cert`; the node knows its seat by the two keys. A listener of the members' own lets in
                nobody else.

                """);
        section(page, "FileLedger and Consensus", KnownKeys.LEDGER);
        section(page, "Operations, Metrics, Admin, ChannelParticipation, Debug", KnownKeys.DOORS);
        section(page, "Kafka", KnownKeys.KAFKA);
        section(page, "Holdfast", KnownKeys.OWN);
        section(page, "Holdfast.Redis", KnownKeys.REDIS);
        return page.toString().stripTrailing() + "\n";
    }

    private static void section(StringBuilder page, String title, List<Key> keys) {
        page.append("## ").append(title).append("\n\n");
        page.append("| key | value | default | here | meaning, or why it has no effect |\n|---|---|---|---|---|\n");
        for (Key key : keys) {
            String fallback = key.fallback().isEmpty() ? "none" : "`" + key.fallback() + "`";
            page.append("| `%s` | %s | %s | %s | %s |\n"
                    .formatted(key.path(), unit(key.kind()), fallback, key.use().word(), key.note()));
        }
        page.append('\n');
    }

    private static String unit(Key.Kind kind) {
        return switch (kind) {
            case TEXT -> "text";
            case FLAG -> "flag";
            case PORT -> "port";
            case COUNT -> "number";
            case SIZE -> "size, bytes";
            case DURATION -> "duration";
            case ADDRESS -> "host:port";
            case PATH -> "path";
            case PATHS -> "paths";
            case TEXTS -> "texts";
        };
    }
}
