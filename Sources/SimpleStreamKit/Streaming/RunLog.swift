/// Keeps the numbered frames of runs, so that a reader can go on where it stopped.
///
/// - Frames of a run are appended in order, without gaps.
/// - A log may forget old frames; then `frames` says so and the reader takes a snapshot from the store.
public protocol RunLog: Sendable {
    /// Appends frames of one run; when it returns, another reader finds them.
    func append(_ frames: [Frame], to messageID: String) async throws(ChatError)

    /// The frames that cover `seq + 1` and later, or nil when the log no longer holds `seq + 1`.
    /// An empty array means that there is nothing newer yet.
    func frames(of messageID: String, after seq: Int) async throws(ChatError) -> [Frame]?

    /// Lets the run be forgotten after `delay`.
    func expire(_ messageID: String, after delay: Duration) async
}
