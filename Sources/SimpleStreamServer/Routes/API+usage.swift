import Hummingbird
import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension API {
    var usage: [Endpoint] {
        let moment: JSONValue = ["type": "string", "format": "date-time"]
        return [
            Endpoint(
                .get, "/api/usage", "What the caller used, by model.",
                parameters: [
                    .query("from", moment, "Default 30 days before the end."),
                    .query("to", moment, "Not included. Default now."),
                ],
                answer: .json("Usage")
            ) { request in
                let end = try time(try request.query("to"), named: "to") ?? Date()
                let start = try time(try request.query("from"), named: "from") ?? end - 30 * 86_400
                let sums = try await chat.store.usage(of: request.user.id, from: start, to: end)
                var value: JSONValue = ["from": .string(start.iso8601), "to": .string(end.iso8601)]
                value["messages"] = .integer(sums.reduce(0) { $0 + $1.messages })
                value["inputTokens"] = .integer(sums.reduce(0) { $0 + $1.inputTokens })
                value["outputTokens"] = .integer(sums.reduce(0) { $0 + $1.outputTokens })
                value["costMicroUSD"] = .integer(sums.reduce(0) { $0 + $1.costMicroUSD })
                value["unpricedCalls"] = .integer(sums.reduce(0) { $0 + $1.unpricedCalls })
                value["quotas"] = .array(
                    try await chat.quotas(of: request.user.id, from: request.source).map(\.json))
                var storage: JSONValue = ["used": .integer(try await chat.store.storedBytes(of: request.user.id))]
                storage["limit"] = chat.configuration.sizes.storedBytes(isGuest: request.source.isGuest)
                    .map(JSONValue.integer)
                value["storage"] = storage
                value["items"] = .array(sums.map(\.json))
                return .json(value)
            }
        ]
    }

    /// A day or a moment.
    private func time(_ text: String?, named name: String) throws(ChatError) -> Date? {
        guard let text, !text.isEmpty else { return nil }
        let styles: [Date.ISO8601FormatStyle] = [
            .iso8601WithMilliseconds, .iso8601, .iso8601.year().month().day(),
        ]
        for style in styles {
            // The next style may fit.
            if let date = try? style.parse(text) { return date }
        }
        throw FieldReader.wrong(name, "a day such as 2026-01-31 or a time such as 2026-01-31T12:00:00Z")
    }
}
