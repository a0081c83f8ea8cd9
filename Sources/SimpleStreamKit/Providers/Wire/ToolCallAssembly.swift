/// Puts the pieces of streamed tool calls together.
///
/// Pieces are told apart by what the stream gives: index, else id, else their place.
package struct ToolCallAssembly: Sendable {
    private struct Slot {
        var index: Int?
        var id: String
        var name: String
        var arguments = ""
        /// Whether the stream gave no id for it.
        var hasMadeUpID: Bool
        var isStarted = false
        var isEnded = false
    }

    /// Honest replies have a handful; what comes beyond is not looked at.
    private static let maxSlots = 512

    private var slots: [Slot] = []

    package init() {}

    package var isEmpty: Bool { slots.isEmpty }

    /// Takes one piece.
    package mutating func add(
        index: Int?,
        id: String?,
        name: String?,
        arguments: String?,
        into events: inout [ReplyEvent]
    ) {
        guard let position = position(index: index, id: id ?? "", hasName: name?.isEmpty == false) else { return }
        if slots[position].name.isEmpty, let name { slots[position].name = name }
        start(position, into: &events)
        guard let arguments, !arguments.isEmpty else { return }
        slots[position].arguments += arguments
        if slots[position].isStarted { events.append(event(position, .delta, input: arguments)) }
    }

    /// Reports every call once more, whole; those that were cut off as failed.
    package mutating func finish(isTruncated: Bool, into events: inout [ReplyEvent]) {
        for position in slots.indices where !slots[position].isEnded {
            slots[position].isStarted = slots[position].isStarted || !slots[position].name.isEmpty
            guard slots[position].isStarted else { continue }
            slots[position].isEnded = true
            if slots[position].arguments.allSatisfy(\.isWhitespace), !isTruncated { slots[position].arguments = "{}" }
            let isWhole = !isTruncated || isJSON(slots[position].arguments)
            events.append(event(position, isWhole ? .finished : .failed, input: slots[position].arguments))
        }
    }

    private func isJSON(_ text: String) -> Bool {
        (try? JSONValue(parsing: text, .provider)) != nil  // Not JSON: cut off.
    }

    private mutating func position(index: Int?, id: String, hasName: Bool) -> Int? {
        let known: Int?
        if let index {
            // Some servers give every whole call the index 0.
            known = slots.lastIndex { $0.index == index && (id.isEmpty || $0.id == id || $0.hasMadeUpID) }
        } else if !id.isEmpty {
            known = slots.lastIndex { $0.id == id }
        } else {
            known = hasName ? nil : slots.indices.last
        }
        if let known {
            // An id that was told stays.
            if slots[known].hasMadeUpID, !id.isEmpty, !slots[known].isStarted {
                slots[known].id = id
                slots[known].hasMadeUpID = false
            }
            return known
        }
        guard slots.count < Self.maxSlots else { return nil }
        let made = id.isEmpty ? "call_\(slots.count)" : id
        slots.append(Slot(index: index, id: made, name: "", hasMadeUpID: id.isEmpty))
        return slots.count - 1
    }

    private mutating func start(_ position: Int, into events: inout [ReplyEvent]) {
        guard !slots[position].isStarted, !slots[position].name.isEmpty else { return }
        slots[position].isStarted = true
        events.append(event(position, .started, input: nil))
        let arguments = slots[position].arguments
        if !arguments.isEmpty { events.append(event(position, .delta, input: arguments)) }
    }

    private func event(_ position: Int, _ phase: ToolEvent.Phase, input: String?) -> ReplyEvent {
        .tool(ToolEvent(id: slots[position].id, name: slots[position].name, phase: phase, input: input))
    }
}
