package org.holdfast.channel;

import com.google.protobuf.ByteString;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import org.holdfast.identity.BadMaterial;
import org.holdfast.identity.Crypto;
import org.holdfast.identity.Identity;
import org.holdfast.identity.MspSet;
import org.holdfast.wire.ChannelId;
import org.hyperledger.fabric.protos.common.Config;

/// One version of a channel's agreed settings. Immutable; policies may be evaluated from many threads at once.
///
/// Source of the tree's shape: Fabric's `common.ConfigEnvelope` and its groups `/Channel`, `/Channel/Orderer`,
/// `/Channel/Application`.
public final class ChannelConfig {
    /// Who may send transactions.
    public static final String WRITERS = "/Channel/Writers";
    /// Who may read blocks.
    public static final String READERS = "/Channel/Readers";
    /// Who may read blocks during maintenance.
    public static final String ORDERER_READERS = "/Channel/Orderer/Readers";
    /// Who may send config updates during maintenance.
    public static final String ORDERER_WRITERS = "/Channel/Orderer/Writers";
    /// Whose signatures make a block valid.
    public static final String BLOCK_VALIDATION = "/Channel/Orderer/BlockValidation";

    /// In place of a block's number while no block carries the config.
    public static final long NO_BLOCK = -1;

    private static final String ROOT = "/Channel";
    private static final Set<Organization.Section> EVERYBODY = Set.of(Organization.Section.values());
    private static final Set<Organization.Section> ORDERERS = Set.of(Organization.Section.ORDERER);

    private final Parts parts;
    private final Crypto crypto;
    private final MspSet msps;

    ChannelConfig(Parts parts, MspSet msps, Crypto crypto) {
        this.parts = parts;
        this.crypto = crypto;
        this.msps = msps;
    }

    /// What was read from the tree.
    record Parts(
            ChannelId id,
            long blockNumber,
            Config config,
            Consensus consensus,
            BatchSize batchSize,
            Duration batchTimeout,
            Capabilities capabilities,
            List<Organization> organizations,
            List<String> ordererAddresses,
            SortedMap<String, String> acls,
            PolicyGroup policies) {
        Parts {
            organizations = List.copyOf(organizations);
            ordererAddresses = List.copyOf(ordererAddresses);
        }

        Parts at(long number) {
            return new Parts(
                    id,
                    number,
                    config,
                    consensus,
                    batchSize,
                    batchTimeout,
                    capabilities,
                    organizations,
                    ordererAddresses,
                    acls,
                    policies);
        }
    }

    /// How the channel is ordered.
    record Consensus(
            String type,
            ConsensusState state,
            List<Consenter> consenters,
            List<MappedConsenter> mapped,
            Options options,
            List<String> hazards) {
        Consensus {
            consenters = List.copyOf(consenters);
            mapped = List.copyOf(mapped);
            hazards = List.copyOf(hazards);
        }
    }

    /// Feature names by section.
    record Capabilities(SortedSet<String> channel, SortedSet<String> orderer, SortedSet<String> application) {}

    /// Reads the config of a config block.
    ///
    /// @param block serialized `common.Block` with one CONFIG envelope
    /// @throws MalformedConfig listing every fault
    public static ChannelConfig fromBlock(ByteString block, Crypto crypto) {
        return ConfigReader.fromBlock(block, crypto, false);
    }

    /// Reads a config block that may ask for more than this version can do: its blocks can be shown and served, not
    /// ordered ([FeatureLevel#unsupported] says what is missing).
    ///
    /// @param block serialized `common.Block` with one CONFIG envelope
    /// @throws MalformedConfig listing every other fault
    public static ChannelConfig toRead(ByteString block, Crypto crypto) {
        return ConfigReader.fromBlock(block, crypto, true);
    }

    /// Reads a tree that no block carries yet, or whose block's number is known; of any feature level.
    ///
    /// @param blockNumber of its block, or [#NO_BLOCK]
    /// @throws MalformedConfig listing every fault
    public static ChannelConfig of(ChannelId id, long blockNumber, Config config, Crypto crypto) {
        return ConfigReader.read(id, blockNumber, config, crypto);
    }

    public ChannelId id() {
        return parts.id;
    }

    /// The same config, carried by a block.
    public ChannelConfig at(long blockNumber) {
        return new ChannelConfig(parts.at(blockNumber), msps, crypto);
    }

    Crypto crypto() {
        return crypto;
    }

    /// Config changes since the channel began.
    public long sequence() {
        return parts.config.getSequence();
    }

    /// The block that carries this config.
    public long blockNumber() {
        return parts.blockNumber;
    }

    /// The tree as received.
    public Config tree() {
        return parts.config;
    }

    /// `ConsensusType.type`, e.g. `etcdraft`, `kafka`.
    public String consensusType() {
        return parts.consensus.type;
    }

    public ConsensusState state() {
        return parts.consensus.state;
    }

    /// Members in the order of the list; empty for other types than etcdraft.
    public List<Consenter> consenters() {
        return parts.consensus.consenters;
    }

    /// Members as a Fabric 3 config maps them, in the order of the list; empty in other configs.
    public List<MappedConsenter> mappedConsenters() {
        return parts.consensus.mapped;
    }

    public Options options() {
        return parts.consensus.options;
    }

    /// Why nobody should order with this config, although it can be read: real orderers have accepted such blocks.
    /// Empty for a
    /// sound one.
    public List<String> hazards() {
        return parts.consensus.hazards;
    }

    /// Certificates of the config that have run out: nothing fails by it today, and somebody should renew them. What an
    /// expired authority issued in its time stays valid (see [org.holdfast.identity.Msp]).
    ///
    /// @param wallMillis now
    public List<String> warnings(long wallMillis) {
        return Expiries.warnings(this, wallMillis);
    }

    public BatchSize batchSize() {
        return parts.batchSize;
    }

    /// The longest a transaction waits for company.
    public Duration batchTimeout() {
        return parts.batchTimeout;
    }

    public SortedSet<String> channelCapabilities() {
        return parts.capabilities.channel;
    }

    public SortedSet<String> ordererCapabilities() {
        return parts.capabilities.orderer;
    }

    public SortedSet<String> applicationCapabilities() {
        return parts.capabilities.application;
    }

    public List<Organization> organizations() {
        return parts.organizations;
    }

    /// Access rules of the application section: resource, then the policy that guards it.
    public SortedMap<String, String> acls() {
        return Collections.unmodifiableSortedMap(parts.acls);
    }

    /// `host:port` of the orderers: the organisations' endpoints, then the old channel-wide list; each once.
    public List<String> ordererAddresses() {
        Set<String> all = new LinkedHashSet<>();
        parts.organizations.forEach(organization -> all.addAll(organization.endpoints()));
        all.addAll(parts.ordererAddresses);
        return List.copyOf(all);
    }

    /// TLS authorities (roots and intermediates) of all organisations; each once.
    public List<X509Certificate> tlsRoots() {
        return tlsRoots(EVERYBODY);
    }

    /// TLS authorities of the orderer organisations.
    public List<X509Certificate> ordererTlsRoots() {
        return tlsRoots(ORDERERS);
    }

    private List<X509Certificate> tlsRoots(Set<Organization.Section> sections) {
        Set<X509Certificate> all = new LinkedHashSet<>();
        for (Organization organization : parts.organizations) {
            if (sections.contains(organization.section())) {
                all.addAll(organization.msp().tlsRoots());
                all.addAll(organization.msp().tlsIntermediates());
            }
        }
        return List.copyOf(all);
    }

    /// The organisations' members by their creator bytes.
    public MspSet msps() {
        return msps;
    }

    /// Whether the signatures satisfy a policy. Each signature is verified once; a wrong one, or one by nobody's
    /// member, does not
    /// count; a member who signed twice counts once.
    ///
    /// @param path absolute, e.g. [#WRITERS]
    public PolicyVerdict evaluate(String path, List<SignedMessage> messages) {
        List<String> dropped = new ArrayList<>();
        List<Identity> signers = signers(messages, dropped);
        return evaluate(path, signers, dropped);
    }

    /// Whether those who have validly signed satisfy a policy; for many policies and one set of signatures.
    ///
    /// @param path absolute
    /// @param dropped what [#signers] left out
    PolicyVerdict evaluate(String path, List<Identity> signers, List<String> dropped) {
        if (path.split("/", -1).length < 3 || !path.startsWith(ROOT + "/")) {
            return PolicyVerdict.no("'%s' is no absolute policy path".formatted(path));
        }
        return PolicyGroup.at(parts.policies, path)
                .map(group -> group.evaluate(path.substring(path.lastIndexOf('/') + 1), signers))
                .orElseGet(() -> PolicyVerdict.no("there is no policy '%s'".formatted(path)))
                .withDropped(dropped);
    }

    /// The members who have validly signed, each once.
    ///
    /// @param dropped gets why a signature does not count
    List<Identity> signers(List<SignedMessage> messages, List<String> dropped) {
        List<Identity> signers = new ArrayList<>();
        Set<Signer> counted = new HashSet<>();
        for (int i = 0; i < messages.size(); i++) {
            SignedMessage message = messages.get(i);
            try {
                Identity identity = msps.identity(message.creator());
                Signer signer = new Signer(identity.mspId(), identity.mark());
                // Before the verification: one signer repeated a thousand times must not cost a thousand verifications.
                if (counted.contains(signer)) {
                    dropped.add("signature %d: its signer already counts".formatted(i));
                } else if (crypto.verify(identity.key(), message.signature(), message.message())) {
                    counted.add(signer);
                    signers.add(identity);
                } else {
                    dropped.add(
                            "signature %d: it does not verify (other bytes, another key, or a high S)".formatted(i));
                }
            } catch (BadMaterial notAMember) {
                dropped.add("signature %d: %s".formatted(i, notAMember.getMessage()));
            }
        }
        return signers;
    }

    /// The policies of `/Channel` and below.
    PolicyGroup policies() {
        return parts.policies;
    }

    /// Policies nobody can satisfy because their type or rule is none.
    List<String> unusablePolicies() {
        List<String> found = new ArrayList<>();
        parts.policies.unusable(ROOT, found);
        return found;
    }

    private record Signer(String mspId, ByteString mark) {}

    @Override
    public String toString() {
        return "config %d of %s (block %d)".formatted(sequence(), id(), blockNumber());
    }
}
