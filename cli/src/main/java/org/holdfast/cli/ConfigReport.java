package org.holdfast.cli;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.ConsensusState;
import org.holdfast.channel.Consenter;
import org.holdfast.channel.GoDuration;
import org.holdfast.channel.Organization;
import org.holdfast.channel.PolicyWords;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A channel's config for people and for programs.
///
/// @param now wall clock, ms: which certificates have expired
record ConfigReport(ChannelConfig config, long now) {
    private static final String CONSORTIUMS = "Consortiums";

    /// Why a node of this version would not order with the config, or not well. Empty for a sound one.
    static List<String> hazards(ChannelConfig config, long now) {
        List<String> hazards = new ArrayList<>(config.hazards());
        if (config.tree().getChannelGroup().containsGroups(CONSORTIUMS)) {
            hazards.add("this is a system channel; nodes join channels one by one and need none");
        }
        if (config.state() == ConsensusState.MAINTENANCE) {
            hazards.add("the channel is in maintenance: only config updates by orderer admins are taken");
        }
        for (Consenter consenter : config.consenters()) {
            if (expired(consenter.clientTls(), now) || expired(consenter.serverTls(), now)) {
                hazards.add("the TLS certificate of consenter %s has expired on %s: others refuse its connections"
                        .formatted(consenter.address(), until(earlier(consenter))));
            }
        }
        return hazards;
    }

    /// Which config it is; the first line of documents, by which they are known again.
    static String title(ChannelConfig config) {
        return "channel %s, config %d, in block %d".formatted(config.id(), config.sequence(), config.blockNumber());
    }

    /// Lines of text.
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(title(config));
        lines.add("ordering      type %s, state %s".formatted(config.consensusType(), config.state()));
        lines.add("batch         %d messages, %d bytes (one message %d), %s"
                .formatted(
                        config.batchSize().maxMessages(),
                        config.batchSize().preferredMaxBytes(),
                        config.batchSize().absoluteMaxBytes(),
                        GoDuration.format(config.batchTimeout())));
        lines.add("capabilities  channel %s, orderer %s, application %s"
                .formatted(
                        words(config.channelCapabilities()),
                        words(config.ordererCapabilities()),
                        words(config.applicationCapabilities())));
        config.consenters()
                .forEach(consenter -> lines.add("consenter     %s  seat %s  certificate until %s%s"
                        .formatted(
                                consenter.address(),
                                consenter.seat(),
                                until(earlier(consenter)),
                                expired(earlier(consenter), now) ? "  EXPIRED" : "")));
        config.organizations()
                .forEach(organization -> lines.add("organisation  %s %s (%s)%s"
                        .formatted(
                                section(organization),
                                organization.name(),
                                organization.msp().id(),
                                organization.endpoints().isEmpty()
                                        ? ""
                                        : "  " + String.join(", ", organization.endpoints()))));
        policies().forEach((path, words) -> lines.add("policy        %-48s %s".formatted(path, words)));
        hazards(config, now).forEach(hazard -> lines.add("HAZARD        " + hazard));
        return lines;
    }

    /// The same as one object.
    ObjectNode json() {
        ObjectNode object = Json.object()
                .put("channel", config.id().name())
                .put("sequence", config.sequence())
                .put("block", config.blockNumber())
                .put("type", config.consensusType())
                .put("state", config.state().name());
        object.set("batchSize", Json.tree(config.batchSize()));
        object.put("batchTimeout", GoDuration.format(config.batchTimeout()));
        ObjectNode capabilities = object.putObject("capabilities");
        capabilities.set("channel", Json.tree(config.channelCapabilities()));
        capabilities.set("orderer", Json.tree(config.ordererCapabilities()));
        capabilities.set("application", Json.tree(config.applicationCapabilities()));
        ArrayNode consenters = object.putArray("consenters");
        config.consenters()
                .forEach(consenter -> consenters
                        .addObject()
                        .put("host", consenter.host())
                        .put("port", consenter.port())
                        .put("seat", consenter.seat())
                        .put("clientCertificateUntil", until(consenter.clientTls()))
                        .put("serverCertificateUntil", until(consenter.serverTls()))
                        .put("expired", expired(earlier(consenter), now)));
        ArrayNode organizations = object.putArray("organizations");
        config.organizations().forEach(organization -> {
            ObjectNode one = organizations
                    .addObject()
                    .put("name", organization.name())
                    .put("mspId", organization.msp().id())
                    .put("section", section(organization));
            one.set("endpoints", Json.tree(organization.endpoints()));
        });
        object.set(
                "consortiums",
                Json.tree(config
                        .tree()
                        .getChannelGroup()
                        .getGroupsOrDefault(CONSORTIUMS, ConfigGroup.getDefaultInstance())
                        .getGroupsMap()
                        .keySet()
                        .stream()
                        .sorted()
                        .toList()));
        object.set("policies", Json.tree(policies()));
        object.set("hazards", Json.tree(hazards(config, now)));
        return object;
    }

    private Map<String, String> policies() {
        Map<String, String> policies = new TreeMap<>();
        policies("/Channel", config.tree().getChannelGroup(), policies);
        return policies;
    }

    private static void policies(String path, ConfigGroup group, Map<String, String> into) {
        group.getPoliciesMap().forEach((name, policy) -> into.put(path + "/" + name, PolicyWords.of(policy)));
        group.getGroupsMap().forEach((name, below) -> policies(path + "/" + name, below, into));
    }

    private static String section(Organization organization) {
        return organization.section().name().toLowerCase(Locale.ROOT);
    }

    private static String words(Collection<String> names) {
        return names.isEmpty() ? "none" : String.join(" ", names);
    }

    private static X509Certificate earlier(Consenter consenter) {
        Instant client = consenter.clientTls().getNotAfter().toInstant();
        return client.isBefore(consenter.serverTls().getNotAfter().toInstant())
                ? consenter.clientTls()
                : consenter.serverTls();
    }

    private static boolean expired(X509Certificate certificate, long now) {
        return certificate.getNotAfter().toInstant().isBefore(Instant.ofEpochMilli(now));
    }

    private static String until(X509Certificate certificate) {
        return certificate.getNotAfter().toInstant().toString();
    }
}
