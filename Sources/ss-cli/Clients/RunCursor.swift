/// How far a run was followed, and what to do with its next frame: the client's half of the rules for numbers.
struct RunCursor: Sendable {
    enum Action: Equatable {
        case take
        /// It was taken before.
        case ignore
        /// Frames are missing: ask for them after ``last``.
        case resume
    }

    /// The last number that was taken.
    private(set) var last = 0

    mutating func arrived(_ frame: ServerFrame) -> Action {
        // Snapshots and terminal frames hold everything up to their number.
        if frame.isTerminal || frame.type == "stream:snapshot" {
            last = frame.seq ?? last
            return .take
        }
        guard frame.type != "stream:resumed", let seq = frame.seq, let fromSeq = frame.fromSeq else { return .take }
        if fromSeq == last + 1 {
            last = seq
            return .take
        }
        return seq <= last ? .ignore : .resume
    }
}
