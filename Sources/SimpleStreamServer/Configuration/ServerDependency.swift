/// A service the server uses besides its store.
///
/// Losing it does not end the server or a run; `/ready` says so.
public struct ServerDependency: Sendable {
    /// What `/ready` calls it.
    public let name: String
    let isUp: @Sendable () async -> Bool
    let run: @Sendable () async -> Void

    /// Describes one.
    ///
    /// - Parameters:
    ///   - isUp: whether it can be used now; must not wait.
    ///   - run: what keeps it usable; works until its task is cancelled.
    public init(
        _ name: String,
        isUp: @escaping @Sendable () async -> Bool,
        run: @escaping @Sendable () async -> Void = {}
    ) {
        self.name = name
        self.isUp = isUp
        self.run = run
    }
}
