/// Which hosts are ours.
///
/// A page of another site can make its own name resolve to this machine; it cannot change the `Host` its browser
/// sends. So requests for hosts that are not ours are refused, also on loopback.
package struct HostPolicy: Sendable {
    private let names: Set<String>

    /// Makes a policy.
    ///
    /// - Parameter allowed: host names besides the loopback ones, which are always ours; ports do not matter.
    package init(allowed: [String] = []) {
        names = Set(allowed.compactMap { Authority($0)?.host })
    }

    package func allows(_ authority: Authority) -> Bool {
        authority.isLoopback || names.contains(authority.host)
    }
}
