extension Frame {
    /// Whether `next` goes on exactly where this frame ends, with the same kind of delta.
    package func canJoin(_ next: Frame) -> Bool {
        (kind == .text || kind == .thinking) && kind == next.kind && messageID == next.messageID
            && next.fromSeq == seq + 1
    }

    /// One frame for neighbours that ``canJoin(_:)``: the escaped deltas are put side by side, nothing is decoded.
    package static func joining(_ frames: [Frame]) -> Frame? {
        guard let first = frames.first, let last = frames.last else { return nil }
        if frames.count == 1 { return first }
        var json = Array(first.json[..<first.delta.lowerBound])
        for frame in frames { json += frame.json[frame.delta] }
        let delta = first.delta.lowerBound..<json.count
        json += last.json[last.delta.upperBound..<last.tailEnd]
        json += #","fromSeq":\#(first.fromSeq)}"#.utf8
        return Frame(
            kind: first.kind,
            messageID: first.messageID,
            fromSeq: first.fromSeq,
            seq: last.seq,
            json: json,
            delta: delta
        )
    }

    /// All frames, with neighbours joined.
    package static func coalescing(_ frames: some Sequence<Frame>) -> [Frame] {
        var result: [Frame] = []
        var run: [Frame] = []
        for frame in frames {
            if let last = run.last, !last.canJoin(frame) {
                result += joining(run).map { [$0] } ?? []
                run = []
            }
            run.append(frame)
        }
        result += joining(run).map { [$0] } ?? []
        return result
    }

    /// Where the JSON ends before `fromSeq` and the closing brace. A joined frame's `fromSeq` stands last.
    private var tailEnd: Int {
        guard fromSeq != seq else { return json.count - 1 }
        return json.count - 1 - (#","fromSeq":"#.utf8.count + String(fromSeq).utf8.count)
    }
}
