package org.holdfast.identity;

import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// A bounded map that keeps what was used lately: two generations; what is found in the old one moves to the young
/// one; when the young one is full it becomes the old one and the old one is dropped. Reads take no lock. Safe from
/// any thread.
final class Recent<K, V> {
    private final int generationLimit;
    private volatile ConcurrentHashMap<K, V> young = new ConcurrentHashMap<>();
    private volatile ConcurrentHashMap<K, V> old = new ConcurrentHashMap<>();

    /// An empty map.
    ///
    /// @param limit entries kept at most
    Recent(int limit) {
        this.generationLimit = limit / 2;
    }

    @Nullable
    V get(K key) {
        V found = young.get(key);
        if (found == null) {
            found = old.get(key);
            if (found != null) {
                put(key, found);
            }
        }
        return found;
    }

    void put(K key, V value) {
        if (young.size() >= generationLimit) {
            turn();
        }
        young.put(key, value);
    }

    private synchronized void turn() {
        if (young.size() >= generationLimit) {
            old = young;
            young = new ConcurrentHashMap<>();
        }
    }

    int size() {
        return young.size() + old.size();
    }
}
