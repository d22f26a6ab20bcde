package org.holdfast.channel;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.env.Disk;
import org.holdfast.env.YamlTree;
import org.holdfast.wire.Decode;
import org.hyperledger.fabric.protos.common.ConfigGroup;

/// A channel's config as a document that people read and edit: YAML with every number, duration, policy and certificate
/// in words, under paths that do not change:
///
/// ```
/// channel:       hashing, hashingWidth, consortium, ordererAddresses
/// orderer:       type, state, raft.{tick, electionTicks, heartbeatTicks, maxInflightBlocks, snapshotInterval},
///                consenters[].{address, clientCertificate, serverCertificate}, mapping[], metadata,
///                batch.{maxMessages, absoluteMax, preferredMax, timeout}, kafkaBrokers, maxChannels, organizations
/// application:   acls, organizations
/// consortiums:   members.<name>.{creationPolicy, organizations}
/// every section: capabilities, policies.<name>, changedBy.<value or policy>, otherValues.<name> (base64)
/// organization:  mspId, msp.{rootCertificates, ..., nodeUnits}, endpoints (orderer), anchorPeers (application);
///                mspDirectory, to be written only, takes a whole MSP from a directory
/// ```
///
/// The way back is lossless: what reads as it was shown keeps its bytes, what cannot be shown stays. Immutable.
public final class ConfigDocument {
    private final ConfigGroup original;
    private final String text;
    private final boolean typed;

    private ConfigDocument(ConfigGroup original, String text, boolean typed) {
        this.original = original;
        this.text = text;
        this.typed = typed;
    }

    /// The document of a config tree.
    ///
    /// @param root the group `/Channel`
    /// @param header lines of comment at the top
    public static ConfigDocument of(ConfigGroup root, List<String> header) {
        return new ConfigDocument(root, DocWriter.yaml(ShownTree.of(root), header), false);
    }

    /// The text.
    public String yaml() {
        return text;
    }

    /// The same config with the text somebody typed; faults are told with its lines.
    public ConfigDocument typed(String yaml) {
        return new ConfigDocument(original, yaml, true);
    }

    /// With one more value.
    ///
    /// @param assignment `path=value`; a value is text, a list `[a, b]`, a mapping `{a: b}`, or null to take away what
    /// is
    ///     there. Names in the path that hold dots and are not there yet are quoted; `[2]` is an item of a list, `[+]`
    /// a
    ///     new one.
    /// @throws MalformedConfig when the path or the value does not fit
    public ConfigDocument set(String assignment) {
        int equals = assignment.indexOf('=');
        if (equals < 1) {
            throw new MalformedConfig(
                    List.of("'%s' is no path=value such as orderer.batch.maxMessages=200".formatted(assignment)));
        }
        try {
            return with(DocPath.of(assignment.substring(0, equals).strip())
                    .set(fields(), DocPath.value(assignment.substring(equals + 1))));
        } catch (DocPath.Misfit e) {
            throw new MalformedConfig(List.of(Decode.reason(e)));
        }
    }

    /// With a partial document laid over it: mappings are merged, everything else is replaced, null takes away.
    ///
    /// @param name of the partial document, for faults
    /// @throws MalformedConfig when it is no YAML mapping
    public ConfigDocument patch(String name, byte[] yaml) {
        YamlTree patch = YamlTree.of(name, yaml);
        Doc.Fields patched = DocPath.patched(fields(), patch);
        if (!patch.faults().isEmpty()) {
            throw new MalformedConfig(patch.faults());
        }
        return with(patched);
    }

    /// The same config, said so.
    ConfigDocument with(Doc.Fields fields) {
        return new ConfigDocument(original, DocWriter.yaml(fields, List.of()), false);
    }

    private Doc.Fields fields() {
        YamlTree tree = YamlTree.of("the document", text.getBytes(StandardCharsets.UTF_8));
        Doc read = Doc.of(tree);
        if (!tree.faults().isEmpty() || !(read instanceof Doc.Fields fields)) {
            throw new MalformedConfig(tree.faults().isEmpty() ? List.of("the document is empty") : tree.faults());
        }
        return fields;
    }

    /// The config tree of this document. Versions stay as they were: what has to be raised is found by comparing trees.
    ///
    /// @param disk where named files and directories lie
    /// @param home what their names are relative to
    /// @throws MalformedConfig naming every fault with its path, and its line when somebody typed it
    public ConfigGroup tree(Disk disk, Path home) {
        YamlTree tree = YamlTree.of("the document", text.getBytes(StandardCharsets.UTF_8));
        if (!tree.faults().isEmpty()) {
            throw new MalformedConfig(tree.faults());
        }
        ConfigGroup read = new EditedTree(new EditedMaterial(disk, home.toAbsolutePath())).read(tree, original);
        if (!tree.faults().isEmpty()) {
            throw new MalformedConfig(faults(tree.faults()));
        }
        return read;
    }

    private List<String> faults(List<String> found) {
        List<String> faults = new ArrayList<>();
        for (String fault : found) {
            String told = typed ? fault : fault.replaceAll(" \\(line [0-9]+\\)$", "");
            if (!faults.contains(told)) {
                faults.add(told);
            }
        }
        return List.copyOf(faults);
    }
}
