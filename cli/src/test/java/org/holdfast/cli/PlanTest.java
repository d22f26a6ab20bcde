package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `plan check`: every fault of a file at once, every rule seen to fail.
class PlanTest {
    private static final String ORGANIZATIONS = """
            network: trade
            organizations:
              - {name: Ordering, mspId: OrderingMSP, domain: ordering.example.com, kind: orderer}
              - {name: Second, mspId: SecondMSP, domain: second.example.com, kind: orderer}
              - {name: Acme, mspId: AcmeMSP, domain: acme.example.com, kind: peer, users: [User1]}
            """;

    private final Terminal terminal = new Terminal();

    @TempDir
    Path temp;

    @Test
    void threeNodesInThreeZonesPass() throws IOException {
        JsonNode answer = json(0, plan(nodes("a:Ordering", "b:Ordering", "c:Ordering"), ""));
        assertThat(answer.path("ok").asBoolean()).isTrue();
        assertThat(broken(answer)).containsExactly("organization-nodes/accepted");
        JsonNode quorum = answer.path("quorums").path(0);
        assertThat(quorum.path("quorum").asInt()).isEqualTo(2);
        assertThat(quorum.path("mayFail").asInt()).isEqualTo(1);
        assertThat(quorum.path("zones").path(0).path("votesLeft").asInt()).isEqualTo(2);
        assertThat(quorum.path("zones").path(0).path("leavesQuorum").asBoolean())
                .isTrue();
    }

    @Test
    void aZoneThatHoldsTooManyIsNamed() throws IOException {
        Path file = plan(nodes("east:Ordering", "east:Ordering", "west:Ordering"), "");
        JsonNode answer = json(1, file);
        assertThat(broken(answer))
                .containsExactly("zone-share/error", "zone-loss/error", "organization-nodes/accepted");
        JsonNode loss = rule(answer, "zone-loss");
        assertThat(loss.path("offenders").path(0).asString()).isEqualTo("east");
        assertThat(terminal.run("plan", "check", "-f", file.toString())).isEqualTo(1);
        assertThat(terminal.out())
                .contains("ERROR    zone-loss", "without zone east no quorum is left")
                .containsPattern("east +1 +2 +NO")
                .containsPattern("west +2 +2 +yes");
    }

    @Test
    void everyOtherRuleIsSeenToFail() throws IOException {
        assertThat(broken(json(1, plan(nodes("a:Ordering", "b:Ordering"), ""))))
                .containsExactly(
                        "least-consenters/error",
                        "consenter-count/error",
                        "zone-share/error",
                        "zone-loss/error",
                        "organization-nodes/accepted");
        assertThat(broken(json(1, plan(nodes("a:Ordering", "b:Ordering", "c:Ordering", "d:Ordering"), ""))))
                .containsExactly("consenter-count/error", "organization-nodes/accepted", "observers/warning");
        assertThat(broken(json(0, plan(nodes("a:Ordering", "b:Ordering", "c:Second"), ""))))
                .containsExactly("organization-nodes/accepted", "vote-share/warning");
        String shared = nodes("a:Ordering", "b:Ordering", "c:Ordering")
                .replace("host: h2", "host: h1")
                .replace("host: h3", "host: h1, ports: {general: 9000, operations: 9002}");
        assertThat(broken(json(1, plan(shared, "")))).contains("the file is refused");
        assertThat(broken(json(
                        0,
                        plan(
                                nodes("a:Ordering", "b:Ordering", "c:Ordering")
                                        .replace("host: h2", "host: h1, ports: {general: 9000, operations: 9002}"),
                                ""))))
                .containsExactly("organization-nodes/accepted", "shared-host/warning");
    }

    @Test
    void bftCountsByThreeAndByWeight() throws IOException {
        Path four = plan("engine: bft\n" + nodes("a:Ordering", "b:Ordering", "c:Ordering", "d:Ordering"), "");
        assertThat(broken(json(0, four))).containsExactly("organization-nodes/accepted", "observers/warning");
        String heavy =
                nodes("a:Ordering", "b:Ordering", "c:Ordering", "d:Ordering").replace("zone: a", "zone: a, weight: 4");
        JsonNode answer = json(1, plan("engine: bft\n" + heavy, ""));
        assertThat(broken(answer)).contains("zone-loss/error");
        // Seven votes, two may lie: five decide, three are left without zone a.
        assertThat(answer.path("quorums").path(0).path("quorum").asInt()).isEqualTo(5);
        assertThat(answer.path("quorums")
                        .path(0)
                        .path("zones")
                        .path(0)
                        .path("votesLeft")
                        .asInt())
                .isEqualTo(3);
        assertThat(broken(json(1, plan("engine: bft\n" + nodes("a:Ordering", "b:Ordering", "c:Ordering"), ""))))
                .contains("least-consenters/error", "consenter-count/error");
    }

    @Test
    void channelsOfDifferentConsentersAreJudgedOneByOne() throws IOException {
        Path file = plan(
                nodes("a:Ordering", "b:Ordering", "c:Ordering"),
                "  - {name: small, consenters: [n1], members: [Acme]}\n");
        JsonNode answer = json(1, file);
        assertThat(answer.path("quorums")).hasSize(2);
        assertThat(rule(answer, "zone-loss").path("passed").asBoolean()).isTrue();
        assertThat(StreamSupport.stream(answer.path("rules").spliterator(), false)
                        .filter(rule -> rule.path("rule").asString().equals("least-consenters"))
                        .filter(rule -> !rule.path("passed").asBoolean())
                        .map(rule -> rule.path("channels").path(0).asString()))
                .containsExactly("small");
    }

    @Test
    void everyFaultOfTheFileIsToldAtOnce() throws IOException {
        Path file = Files.writeString(temp.resolve("bad.yaml"), """
                network: Trade
                engin: raft
                certificates: {authorityDays: 10, days: 20}
                organizations:
                  - {name: Ordering, mspId: OrderingMSP, domain: ordering.example.com, kind: both}
                  - {name: Acme, mspId: OrderingMSP, domain: acme.example.com, kind: peer, users: [Admin]}
                  - {name: Boss, mspId: BossMSP, domain: boss.example.com, kind: orderer}
                nodes:
                  - {name: n1, organization: Boss, host: 0.0.0.0, zone: a, ports: {general: 99999}}
                  - {name: n1, organization: Boss, host: h, zone: a, weight: 3}
                  - {name: n2, organization: Acme, host: h, zone: a}
                  - {name: n3, organization: Nobody, host: i, zone: a, role: king}
                clients:
                  - {name: app, organization: Acme, user: User7}
                keyspaces:
                  - {name: big-one, members: [Acme], shards: 5000, digest: perhaps}
                channels:
                  - {name: Orders, members: [Ordering, Boss], timeout: soon, batch: {preferredMax: 20 MB}}
                accept:
                  - {rule: gravity, reason: none}
                """);
        assertThat(terminal.run("plan", "check", "-f", file.toString())).isEqualTo(1);
        assertThat(terminal.err())
                .contains("network is 'Trade'", "(line 1)")
                .contains("engin is no key here")
                .contains("certificates.days is 20, longer than the authorities live")
                .contains("organizations[0].kind is 'both'")
                .contains("organizations[1].mspId is 'OrderingMSP', which is there already")
                .contains("organizations[1].users names Admin")
                .contains("nodes[0].host is 0.0.0.0, which nobody can dial")
                .contains("nodes[0].ports.general is '99999'")
                .contains("nodes[1].weight is 3; with Raft every vote weighs 1")
                .contains("nodes[1].name is 'n1', which another node has")
                .contains("nodes[2].organization is Acme, whose kind is not orderer")
                .contains("nodes[3].organization is 'Nobody', which is no organisation")
                .contains("clients[0].user is 'User7', who is no user of Acme")
                .contains("channels[0].name is 'Orders'")
                .contains("keyspaces[0].name is 'big-one': letters, digits and underscores are wanted")
                .contains("keyspaces[0].shards is '5000'")
                .contains("keyspaces[0].digest is 'perhaps', true or false is wanted")
                .contains("channels[0].members[1] is Boss, whose kind is not peer")
                .contains("channels[0].timeout is 'soon'")
                .contains("channels[0].batch.preferredMax is more than absoluteMax")
                .contains("accept[0].rule is 'gravity'; the rules are least-consenters, ");
    }

    private static String nodes(String... zonesAndOrganizations) {
        StringBuilder text = new StringBuilder("nodes:\n");
        int at = 0;
        for (String one : zonesAndOrganizations) {
            at++;
            String[] parts = one.split(":", -1);
            text.append(
                    "  - {name: n%d, organization: %s, host: h%d, zone: %s}\n".formatted(at, parts[1], at, parts[0]));
        }
        return text.toString();
    }

    private Path plan(String nodes, String channels) throws IOException {
        return Files.writeString(
                temp.resolve("network.yaml"),
                ORGANIZATIONS + nodes + "channels:\n  - {name: orders, members: [Acme]}\n" + channels
                        + "accept:\n  - {rule: organization-nodes, reason: the second one joins in spring}\n");
    }

    private JsonNode json(int exit, Path file) {
        assertThat(terminal.run("plan", "check", "--json", "-f", file.toString()))
                .as(terminal.err())
                .isEqualTo(exit);
        return Json.read(terminal.out().isEmpty() ? "{\"rules\":[]}" : terminal.out(), JsonNode.class);
    }

    private List<String> broken(JsonNode answer) {
        List<String> broken = new ArrayList<>();
        for (JsonNode rule : answer.path("rules")) {
            if (!rule.path("passed").asBoolean()) {
                broken.add(rule.path("rule").asString() + "/"
                        + (rule.has("accepted")
                                ? "accepted"
                                : rule.path("severity").asString()));
            }
        }
        if (terminal.err().contains("cannot be used")) {
            broken.add("the file is refused");
        }
        return broken;
    }

    private static JsonNode rule(JsonNode answer, String wanted) {
        return StreamSupport.stream(answer.path("rules").spliterator(), false)
                .filter(rule -> rule.path("rule").asString().equals(wanted))
                .findFirst()
                .orElseThrow();
    }
}
