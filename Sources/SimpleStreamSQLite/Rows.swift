import GRDB
import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads a row column by column.
///
/// A value of the wrong kind throws; it never traps.
struct Columns {
    private let row: Row
    private var index = 0

    init(_ row: Row) { self.row = row }

    mutating func next<Value: DatabaseValueConvertible & StatementColumnConvertible>(
        _ type: Value.Type = Value.self
    ) throws -> Value {
        defer { index += 1 }
        return try row.decode(Value.self, atIndex: index)
    }

    mutating func optional<Value: DatabaseValueConvertible & StatementColumnConvertible>(
        _ type: Value.Type = Value.self
    ) throws -> Value? {
        defer { index += 1 }
        return try row.decode(Value?.self, atIndex: index)
    }

    mutating func date() throws -> Date { Date(storedMilliseconds: try next(Int64.self)) }

    mutating func value<Value: RawRepresentable>(_ type: Value.Type) throws -> Value where Value.RawValue == String {
        guard let value = Value(rawValue: try next(String.self)) else { throw UnknownValue() }
        return value
    }

    mutating func json<Value: Decodable>(_ type: Value.Type) throws -> Value? {
        guard let text = try optional(String.self) else { return nil }
        return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }
}

/// A row says something this version of the program does not know.
struct UnknownValue: Error {}

/// The JSON of a column; nil for nil and for an empty list.
func column(_ value: (some Encodable)?) throws -> String? {
    guard let value else { return nil }
    if let list = value as? any Collection, list.isEmpty { return nil }
    return String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
}

extension Conversation {
    init(_ row: Row) throws {
        var columns = Columns(row)
        self.init(
            id: try columns.next(),
            userID: try columns.next(),
            title: try columns.next(),
            createdAt: try columns.date(),
            updatedAt: try columns.date(),
            activeLeafID: try columns.optional()
        )
    }
}

extension Message {
    init(_ row: Row) throws {
        var columns = Columns(row)
        try self.init(&columns)
    }

    init(_ columns: inout Columns) throws {
        self.init(
            id: try columns.next(),
            conversationID: try columns.next(),
            parentID: try columns.optional(),
            role: try columns.value(Role.self),
            content: try columns.next(),
            provider: try columns.optional(),
            model: try columns.optional(),
            status: try columns.value(Status.self),
            createdAt: try columns.date()
        )
        thinkingText = try columns.optional()
        thinkingDuration = try columns.optional()
        stopReason = try columns.optional(String.self).map(FinishReason.init(rawValue:))
        let code = try columns.optional(String.self)
        let reason = try columns.optional(String.self)
        let isRetryable = try columns.optional(Bool.self)
        if let code, let reason, let isRetryable {
            failure = Failure(code: .init(rawValue: code), message: reason, retryable: isRetryable)
        }
        usage = try columns.json(TokenUsage.self)
        costMicroUSD = try columns.optional()
        isLiked = try columns.next()
        isDisliked = try columns.next()
        attachmentIDs = try columns.json([String].self) ?? []
        citations = try columns.json([Citation].self) ?? []
        toolCalls = try columns.json([ToolCall].self) ?? []
        providerState = try columns.json(ProviderState.self)
        materializedSeq = try columns.next()
    }

    func arguments() throws -> StatementArguments {
        [
            id, conversationID, parentID, role.rawValue, content, provider, model, status.rawValue,
            createdAt.storedMilliseconds, thinkingText, thinkingDuration, stopReason?.rawValue,
            failure?.code.rawValue, failure?.message, failure?.retryable, try column(usage), costMicroUSD, isLiked,
            isDisliked, try column(attachmentIDs), try column(citations), try column(toolCalls),
            try column(providerState), materializedSeq,
        ]
    }
}

extension Run {
    init(_ row: Row) throws {
        var columns = Columns(row)
        self.init(
            message: try Message(&columns),
            userID: try columns.next(),
            requestID: try columns.optional(),
            node: try columns.next(),
            leaseEpoch: try columns.next(),
            isStopRequested: try columns.next()
        )
    }
}
