/// Keeps the numbered frames of runs, so that a reader can go on where it stopped.
///
/// - Frames of a run are appended in order, without gaps.
/// - A log may forget old frames; then `frames` says so and the reader takes a snapshot from the store.
/// - Who takes a run over closes its log before reading it. What the earlier owner appends afterwards is refused, so
///   that it shows nobody what the new one does not know.
public protocol RunLog: Sendable {
    /// Appends frames of one run; when it returns, another reader finds them.
    ///
    /// - Throws: `interrupted` when the log was closed, or holds a frame with such a number or a later one already.
    ///   Another error when the log is out of reach.
    func append(_ frames: [Frame], to messageID: String) async throws(ChatError)

    /// The frames that cover `seq + 1` and later, or nil when the log no longer holds `seq + 1`.
    /// An empty array means that there is nothing newer yet.
    func frames(of messageID: String, after seq: Int) async throws(ChatError) -> [Frame]?

    /// Refuses whatever is appended from now on. What the log holds can still be read.
    ///
    /// A log that does not exist yet is closed all the same.
    func close(_ messageID: String) async throws(ChatError)

    /// Lets the run be forgotten after `delay`.
    func expire(_ messageID: String, after delay: Duration) async
}
