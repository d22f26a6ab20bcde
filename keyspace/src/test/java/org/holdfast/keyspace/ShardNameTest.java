package org.holdfast.keyspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.holdfast.wire.ChannelId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardNameTest {
    @Test
    void aChannelsNameSaysWhatTheShardIs() {
        ShardName name = new ShardName("My_data9", 16, 3, true);
        assertThat(name.channel()).isEqualTo(new ChannelId("kv.-4dy-5fdata9.16.3"));
        assertThat(ShardName.parse(name.channel())).contains(name);
        ShardName plain = new ShardName("default", 1, 0, false);
        assertThat(plain.channel()).isEqualTo(new ChannelId("kv.default.1.0.nodigest"));
        assertThat(ShardName.parse(plain.channel())).contains(plain);
    }

    @Test
    void theLongestKeyspaceFitsIntoAChannelsName() {
        ShardName name = new ShardName("_".repeat(ShardName.KEYSPACE_MAX), 1024, 1023, false);
        assertThat(ShardName.parse(name.channel())).contains(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kv",
                "kv.default",
                "kv.default.1",
                "kv.default.1.1",
                "kv.default.0.0",
                "kv.default.01.0",
                "kv.default.2.01",
                "kv.default.1025.0",
                "kv.default.1.0.digest",
                "kv.default.1.0.nodigest.x",
                "kv.a.b.1.0",
                "kv.-61.1.0",
                "kv.-4D.1.0",
                "kv.-4.1.0",
                "kv.a-.1.0",
                "kv.-2e.1.0",
                "kw.default.1.0"
            })
    void otherChannelsAreNoShards(String channel) {
        assertThat(ChannelId.isValid(channel) ? ShardName.parse(new ChannelId(channel)) : java.util.Optional.empty())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a:b", "ä", "a-b", "a.b"})
    void keyspacesHaveLettersDigitsAndUnderscores(String keyspace) {
        assertThat(ShardName.isKeyspace(keyspace)).isFalse();
        assertThatThrownBy(() -> new ShardName(keyspace, 1, 0, true)).hasMessageContaining("no name of a keyspace");
    }
}
