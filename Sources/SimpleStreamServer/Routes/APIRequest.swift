import HTTPTypes
import Hummingbird
import NIOCore
import SimpleStreamKit

/// A request to a known endpoint.
struct APIRequest: Sendable {
    let request: Request
    let context: APIContext
    /// Who asks; nil for nobody, whom only endpoints that need nothing see.
    let caller: User?

    var user: User { caller ?? .nobody }

    /// Where the request came from.
    var address: String? { client.address.isEmpty ? nil : client.address }
    let client: Client
    /// The longest body, in bytes.
    let bodyBytes: Int
    let reads: LongReads

    /// What limits go by.
    var source: RequestSource { RequestSource(user, client) }

    /// A part of the path, by its name in the endpoint's path.
    func path(_ name: String) throws(ChatError) -> String {
        guard let text = context.parameters.get(name), let value = text.percentDecoded, !value.contains("\0") else {
            throw ChatError(.notFound, "There is nothing here.")
        }
        return value
    }

    /// A value of the query; nil when there is none of that name.
    func query(_ name: String) throws(ChatError) -> String? {
        for pair in (request.uri.query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts[0] == name else { continue }
            let encoded = parts.count > 1 ? parts[1].replacing("+", with: " ") : ""
            guard let value = encoded.percentDecoded, !value.contains("\0") else {
                throw FieldReader.wrong(name, "valid text")
            }
            return value
        }
        return nil
    }

    func int(_ name: String, in range: ClosedRange<Int>) throws(ChatError) -> Int? {
        guard let text = try query(name), !text.isEmpty else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw FieldReader.wrong(name, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// The page of a list that is asked for.
    func page(standard: Int = 50) throws(ChatError) -> (cursor: String?, limit: Int) {
        let cursor = try query("cursor")
        return (cursor?.isEmpty == true ? nil : cursor, try int("limit", in: 1...200) ?? standard)
    }

    /// The body, a JSON object.
    func body() async throws -> FieldReader {
        let type = request.headers[.contentType]?.prefix { $0 != ";" }.lowercased()
        guard type?.filter({ $0 != " " }) == "application/json" else {
            throw HTTPRefusal(.unsupportedMediaType, .invalidRequest, "The body must be application/json.")
        }
        let bytes = try await request.body.collect(upTo: bodyBytes)
        do throws(ChatError) {
            let object = await reads.read(bytes.readableBytes, from: source.address ?? "") {
                Result { () throws(ChatError) in try ClientEvent.parse(Array(bytes.readableBytesView)) }
            }
            return FieldReader(try object.get())
        } catch {
            throw ChatError(.invalidRequest, error.message.replacing("The message", with: "The body"))
        }
    }
}

extension StringProtocol {
    /// The text with `%xx` replaced; nil when that is not UTF-8.
    var percentDecoded: String? {
        var bytes: [UInt8] = []
        var rest = Array(utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let decoded = [UInt8](hex: String(decoding: rest.prefix(2), as: UTF8.self))?.first
            else { return nil }
            bytes.append(decoded)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
