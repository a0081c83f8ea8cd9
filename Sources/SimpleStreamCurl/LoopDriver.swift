/// Waits until a socket, a timer of libcurl or a wake-up is due, and lets libcurl act on it.
protocol LoopDriver: Sendable {
    /// Waits at most so long, 0 for not at all and -1 for ever. Called on the loop's thread only.
    func turn(milliseconds: Int32)

    /// Ends a wait. Called from any thread.
    func wake()
}
