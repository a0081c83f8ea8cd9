import SimpleStreamKit

/// A run another process on this machine may be working on: followed through what it has saved.
struct ForeignRun {
    /// How often the file is looked at: as often as it is written.
    private static let interval = Duration.milliseconds(250)

    let chat: ChatService
    let userID: String
    let messageID: String

    /// Hands over what is new each time, and at last the terminal frame.
    func follow(_ take: (ServerFrame) async throws -> Void) async throws {
        guard let run = try await chat.store.run(messageID, of: userID), run.message.role == .assistant else {
            throw ChatError(.notFound, "There is no such answer: \(messageID).")
        }
        var tail = SnapshotTail()
        while true {
            let frames = try await look(in: run.message.conversationID)
            for frame in frames {
                if let frame = tail.take(frame) { try await take(frame) }
                if frame.isTerminal { return }
            }
            try await Task.sleep(for: Self.interval)
        }
    }

    /// Everything that is known of the run now.
    private func look(in conversationID: String) async throws -> [ServerFrame] {
        let reader = MailboxReader(of: userID, in: chat)
        try await chat.subscribe(reader.mailbox, to: conversationID, messageID: messageID, after: 0)
        return reader.mailbox.take().filter { $0.belongs(to: messageID) }.compactMap { ServerFrame($0.json) }
    }
}

/// Makes pieces of snapshots that each hold the whole text.
struct SnapshotTail {
    private var text = ""
    private var thinking = ""
    private var seq = -1

    /// The frame to hand over in place of `frame`; nil when it says nothing new.
    mutating func take(_ frame: ServerFrame) -> ServerFrame? {
        guard frame.type == "stream:snapshot" else { return frame.seq == nil || frame.isTerminal ? frame : nil }
        let snapshot = (
            text: frame.fields["text"]?.string ?? "", thinking: frame.fields["thinkingText"]?.string ?? "",
            seq: frame.seq ?? 0
        )
        defer { (text, thinking, seq) = snapshot }
        guard seq >= 0 else { return frame }
        guard snapshot.seq > seq || snapshot.text != text || snapshot.thinking != thinking else { return nil }
        guard snapshot.thinking == thinking, let more = snapshot.text.tail(after: text), snapshot.seq > seq else {
            return frame
        }
        return chunk(of: frame, more, from: seq + 1, to: snapshot.seq)
    }

    private func chunk(of frame: ServerFrame, _ delta: String, from first: Int, to last: Int) -> ServerFrame {
        var fields: JSONValue = ["type": "ai_chat_chunk"]
        for name in ["conversationId", "messageId", "userId", "provider", "model"] { fields[name] = frame.fields[name] }
        fields["chunk"] = .string(delta)
        fields["done"] = false
        fields["fromSeq"] = .integer(first)
        fields["seq"] = .integer(last)
        return ServerFrame(fields)
    }
}

extension String {
    /// What follows `head`; nil when the text does not begin with exactly its bytes.
    func tail(after head: String) -> String? {
        guard utf8.starts(with: head.utf8) else { return nil }
        return String(decoding: utf8.dropFirst(head.utf8.count), as: UTF8.self)
    }
}
