import SimpleStreamKit

/// Which addresses may be connected to.
struct AddressPolicy: Sendable {
    private let allowed: [IPPrefix]
    private let refused: [IPPrefix]

    /// Only addresses that anyone on the internet can reach (IANA's special-purpose registries).
    static let publicOnly = AddressPolicy(
        allowed: ["0.0.0.0/0", "2000::/3"],
        refused: [
            // This network, private, shared by carriers, loopback, link-local.
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.168.0.0/16",
            // Protocol assignments, documentation, 6to4 relays, benchmarks.
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
            // Multicast, reserved, broadcast.
            "224.0.0.0/4", "240.0.0.0/4",
            // IPv6: Teredo and other protocol assignments, documentation, 6to4. Loopback, link-local, unique local,
            // site-local and multicast lie outside of 2000::/3.
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        ]
    )

    private init(allowed: [String], refused: [String]) {
        self.allowed = allowed.compactMap(IPPrefix.init)
        self.refused = refused.compactMap(IPPrefix.init)
        precondition(self.allowed.count == allowed.count && self.refused.count == refused.count)
    }

    /// Judges an address; an IPv6 address that stands for an IPv4 one is judged as that.
    ///
    /// - Parameter exempt: blocks that are allowed all the same.
    func allows(_ address: IPAddress, exempt: [IPPrefix] = []) -> Bool {
        if let embedded = address.embedded { return allows(embedded, exempt: exempt) }
        if exempt.contains(where: { $0.contains(address) }) { return true }
        return allowed.contains { $0.contains(address) } && !refused.contains { $0.contains(address) }
    }
}
