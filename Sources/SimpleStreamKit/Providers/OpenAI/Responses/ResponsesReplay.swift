/// Writes an assistant's turn as items, in the order they once came when that is known.
struct ResponsesReplay {
    let provider: String
    let quirks: ResponsesQuirks

    /// The items of `message`.
    func items(of message: PromptMessage) -> [JSONValue] {
        let calls = message.parts.compactMap { part in
            if case .toolCall(let call) = part { call } else { nil }
        }
        if let state = message.providerState, let entries = ResponsesState.entries(of: state, for: provider),
            let items = items(entries, text: message.text, calls)
        {
            return items
        }
        return plain(message.text, calls)
    }

    /// The items as they came; nil when the message was changed since, so that they no longer fit.
    private func items(_ entries: [ResponsesState.Entry], text: String, _ calls: [ToolCall]) -> [JSONValue]? {
        var items: [JSONValue] = []
        var rest = Array(text.utf8)[...]
        var open = calls
        for entry in entries {
            switch entry {
            case .reasoning(let item): items.append(item)
            case .text(let bytes, let phase):
                guard bytes >= 0, bytes <= rest.count else { return nil }
                items.append(message(String(decoding: rest.prefix(bytes), as: UTF8.self), phase))
                rest = rest.dropFirst(bytes)
            case .call(let id):
                guard let position = open.firstIndex(where: { $0.id == id }) else { return nil }
                items.append(call(open.remove(at: position)))
            }
        }
        return rest.isEmpty && open.isEmpty ? items : nil
    }

    private func plain(_ text: String, _ calls: [ToolCall]) -> [JSONValue] {
        let phase = quirks.marksCommentary && !calls.isEmpty ? "commentary" : nil
        return (text.isEmpty ? [] : [message(text, phase)]) + calls.map(call)
    }

    private func message(_ text: String, _ phase: String?) -> JSONValue {
        var item: JSONValue = [
            "type": "message", "role": "assistant",
            "content": [["type": "output_text", "text": .string(text)]],
        ]
        item["phase"] = phase.map(JSONValue.string)
        return item
    }

    private func call(_ call: ToolCall) -> JSONValue {
        [
            "type": "function_call", "call_id": .string(call.id), "name": .string(call.name),
            "arguments": .string(call.arguments),
        ]
    }
}
