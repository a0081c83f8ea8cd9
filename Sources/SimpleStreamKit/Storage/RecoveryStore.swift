/// Runs that nobody works on any more.
///
/// A lease that ran out may mean that the run's node is gone, or only that the store was out of reach of a node that
/// lives. So a reaper looks twice: what ``expiredRuns(limit:)`` named and is still expired a while later is taken over.
public protocol RecoveryStore: Sendable {
    /// The message ids of streaming runs whose lease ran out, whoever's they are, oldest first.
    func expiredRuns(limit: Int) async throws(ChatError) -> [String]

    /// Takes over runs with a new epoch and a new lease: those whose lease ran out, and when `node` has just started, all
    /// under its own name.
    ///
    /// Oldest first. Those that are returned are to be finished before more are asked for.
    ///
    /// - Parameters:
    ///   - includingOwn: whether the node has just started, so that all runs under its name are old.
    ///   - ids: which of those whose lease ran out; nil is all of them. The node's own are taken whatever it says.
    func takeOverRuns(
        node: String, includingOwn: Bool, among ids: [String]?, lease: Duration, limit: Int
    ) async throws(ChatError) -> [Run]
}
