import NIOCore
import SimpleStreamKit
import Synchronization

/// The open connections of a server, counted by the address they come from.
final class OpenConnections: Sendable {
    private struct State {
        var count = 0
        var refused = 0
        var byAddress: [String: Int] = [:]
    }

    private let state = Mutex(State())
    /// How many an address may have; nil is no limit.
    private let limit: Int?
    /// Who brings the connections of many clients, and has no limit here.
    private let proxies: TrustedProxies

    init(limit: Int?, proxies: TrustedProxies) {
        self.limit = limit
        self.proxies = proxies
    }

    /// How many are open.
    var count: Int { state.withLock { $0.count } }

    /// How many were refused since the server began.
    var refusedCount: Int { state.withLock { $0.refused } }

    /// Counts a connection until it is closed; false when its address has too many.
    func admit(_ channel: any Channel) -> Bool {
        let key = limit == nil ? nil : key(of: channel.remoteAddress)
        let isAdmitted = state.withLock { state in
            if let key, let limit {
                guard state.byAddress[key, default: 0] < limit else {
                    state.refused += 1
                    return false
                }
                state.byAddress[key, default: 0] += 1
            }
            state.count += 1
            return true
        }
        if isAdmitted { channel.closeFuture.whenComplete { _ in self.closed(key) } }
        return isAdmitted
    }

    private func closed(_ key: String?) {
        state.withLock { state in
            state.count -= 1
            guard let key, let count = state.byAddress[key] else { return }
            state.byAddress[key] = count > 1 ? count - 1 : nil
        }
    }

    /// What a peer is counted as; nil for who is not.
    private func key(of peer: SocketAddress?) -> String? {
        guard let text = peer?.ipAddress, let address = IPAddress(text), !proxies.trusts(address) else { return nil }
        return address.limitKey
    }
}
