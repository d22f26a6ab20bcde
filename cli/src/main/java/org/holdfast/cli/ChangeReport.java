package org.holdfast.cli;

import java.util.List;
import org.holdfast.channel.ConfigDifference;
import org.holdfast.channel.Lockout;
import org.holdfast.channel.UpdateSignatures;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What becomes of a config change: told line by line to people, or at its end as one object to a program.
///
/// Shape of the object: `channel`; `outcome`, one of `unchanged`, `in force`, `not everywhere`, `written`, `signatures
/// missing`; `changes` `[{path, before, after}]`; `warnings` `[{policy, anybody, text}]`; and as it applies `config`,
/// `block`, `inForce` `[node]`, `notInForce` `[{node, reason}]`, `restart` `[text]`, `file`, `needs` `[{policy,
/// words}]`, `signFor` `[policy]`.
///
/// Belongs to the command's thread.
final class ChangeReport {
    private final Screen screen;
    private final boolean json;
    private final ObjectNode object = Json.object();

    ChangeReport(Session session, String channel, boolean json) {
        this.screen = session.screen();
        this.json = json;
        object.put("channel", channel);
    }

    /// A line of the result.
    private void say(String line) {
        if (!json) {
            screen.say(line);
        }
    }

    /// Ends the report.
    ///
    /// @return the exit code given
    int end(int code) {
        if (json) {
            screen.print(Json.pretty(object));
        }
        return code;
    }

    void unchanged() {
        object.put("outcome", "unchanged");
        object.putArray("changes");
        say("nothing changes");
    }

    void changes(List<ConfigDifference.Change> changes) {
        object.set("changes", Json.tree(changes));
        changes.forEach(change -> say(change.toString()));
    }

    void warnings(List<Lockout.Warning> warnings) {
        object.set("warnings", Json.tree(warnings));
        warnings.forEach(warning -> screen.note("WARNING: " + warning.text()));
    }

    void written(String file) {
        object.put("outcome", "written").put("file", file);
        say("%s holds the update with all signatures it needs; submit it with: holdfast channel update %s"
                .formatted(file, file));
    }

    void missing(String file, List<UpdateSignatures.Need> missing) {
        object.put("outcome", "signatures missing").put("file", file);
        screen.note("the keys here are not enough; the update with the signatures so far is in " + file);
        ArrayNode needs = object.putArray("needs");
        missing.forEach(need -> {
            needs.addObject().put("policy", need.policy()).put("words", need.words());
            screen.note("  %s wants %s".formatted(need.policy(), need.words()));
        });
        List<String> whose = missing.stream()
                .flatMap(need -> need.open().stream())
                .distinct()
                .toList();
        object.set("signFor", Json.tree(whose));
        screen.note("let it be signed, on the machines that have the keys, for: " + String.join(", ", whose));
        screen.note("  holdfast channel sign %s --as MSPID=DIRECTORY".formatted(file));
        screen.note("and then, here:");
        screen.note("  holdfast channel update %s".formatted(file));
    }

    void restart(List<String> texts) {
        object.set("restart", Json.tree(texts));
        texts.forEach(text -> screen.note("needs a restart: " + text));
    }

    void inForce(LiveConfig config, InForce.Reached reached) {
        object.put("outcome", reached.missing().isEmpty() ? "in force" : "not everywhere");
        object.put("config", config.config().sequence())
                .put("block", config.config().blockNumber());
        object.set("inForce", Json.tree(reached.nodes()));
        object.set("notInForce", Json.tree(reached.missing()));
        say("config %d of channel %s is in force on %s"
                .formatted(
                        config.config().sequence(),
                        config.config().id(),
                        reached.nodes().isEmpty() ? "no node yet" : String.join(", ", reached.nodes())));
        reached.missing()
                .forEach(missing -> screen.note("not in force on %s: %s".formatted(missing.node(), missing.reason())));
    }
}
