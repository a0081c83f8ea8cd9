import HTTPTypes
package import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A provider an operator named in `SS_PROVIDERS`.
package struct CustomProvider: Sendable {
    package var description: ProviderDescription
    package var key: Secret?
    /// The models it offers; empty asks it.
    package var models: [String]
    /// How long it may stay silent; nil is as for every other provider.
    package var patience: ChatConfiguration.Patience?

    private static let variable = "SS_PROVIDERS"
    private static let accepted =
        #"a JSON array such as [{"name": "acme", "wire": "openai-chat", "baseURL": "https://…/v1"}], or a path to one"#

    static func all(_ variables: Variables) throws(ConfigurationError) -> [CustomProvider] {
        guard let text = variables[variable] else { return [] }
        let json: [UInt8]
        if text.hasPrefix("[") {
            json = Array(text.utf8)
        } else {
            do {
                json = Array(try Data(contentsOf: URL(fileURLWithPath: text)))
            } catch {
                throw ConfigurationError(variable, "there is no readable file of that name", accepted: accepted)
            }
        }
        guard let list = (try? JSONValue(parsing: json))?.array else {
            throw ConfigurationError(variable, "it is not a JSON array", accepted: accepted)
        }
        var providers: [CustomProvider] = []
        for (index, item) in list.enumerated() {
            guard let object = item.object else {
                throw ConfigurationError(variable, "its entry \(index + 1) is not an object", accepted: accepted)
            }
            do throws(ChatError) {
                providers.append(try CustomProvider(FieldReader(object)))
            } catch {
                throw ConfigurationError(variable, "in entry \(index + 1) \(error.message)", accepted: accepted)
            }
        }
        let names = providers.map(\.description.name)
        if let taken = names.first(where: { name in names.count { $0 == name } > 1 || isTaken(name) }) {
            throw ConfigurationError(variable, "the name \(taken) is taken", accepted: "a name of its own for each")
        }
        return providers
    }

    private static func isTaken(_ name: String) -> Bool {
        name == "demo" || ProviderListing.named(name) != nil
    }

    private init(_ fields: FieldReader) throws(ChatError) {
        let name = try fields.requiredID("name")
        guard name.utf8.count <= 40, name.utf8.allSatisfy(Self.isNameByte) else {
            throw FieldReader.wrong("name", "of lower-case letters, digits and -")
        }
        let wires = WireName.all.map(\.rawValue)
        guard let wire = try fields.choice("wire", of: wires) else {
            throw FieldReader.wrong("wire", "one of " + wires.joined(separator: ", "))
        }
        let known: Set = [
            "name", "wire", "baseURL", "apiKey", "headers", "caFile", "proxy", "timeouts", "allowPlainHTTP", "models",
        ]
        if let stranger = fields.object.members.first(where: { !known.contains($0.key) }) {
            throw ChatError(.invalidRequest, "\(stranger.key) means nothing.")
        }
        description = try ProviderDescription(
            named: name, wire: WireName(rawValue: wire), baseURL: try fields.requiredString("baseURL"))
        description.operatorBaseURL = description.baseURL
        let isAllowed = try fields.bool("allowPlainHTTP") ?? false
        let url = try BaseURL(description.baseURL, allowsPlainHTTP: true)
        guard url.scheme == "https" || isAllowed || url.isLoopback else {
            throw FieldReader.wrong(
                "baseURL",
                "https:// unless it is this machine's, or \"allowPlainHTTP\" is true: the key goes in the clear")
        }
        for member in try fields.object("headers")?.members ?? [] {
            guard let value = member.value.string, HTTPField.Name(member.key) != nil, HTTPField.isValidValue(value)
            else {
                throw FieldReader.wrong("headers", "an object of names and values as HTTP has them")
            }
            description.operatorHeaders.append((member.key, value))
        }
        if let caFile = try fields.string("caFile") {
            guard FileManager.default.isReadableFile(atPath: caFile) else {
                throw FieldReader.wrong("caFile", "the path of a readable file")
            }
            description.transport.caFile = caFile
        }
        if let proxy = try fields.string("proxy") {
            guard proxy.isEmpty || Self.isProxy(proxy) else {
                throw FieldReader.wrong(
                    "proxy",
                    "http://host:port, or so with \(Self.proxySchemes.dropFirst().joined(separator: ", ")), or \"\"")
            }
            description.transport.proxy = proxy
        }
        key = try fields.string("apiKey").flatMap { $0.isEmpty ? nil : Secret($0) }
        guard key?.reveal().utf8.allSatisfy({ (0x21...0x7E).contains($0) }) ?? true else {
            throw FieldReader.wrong("apiKey", "the key alone")
        }
        models = try fields.strings("models", upTo: 1000)
        if let timeouts = try fields.object("timeouts") { try take(timeouts: FieldReader(timeouts)) }
    }

    /// What libcurl can speak to a proxy.
    private static let proxySchemes = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]

    /// Whether a text is a proxy's URL: scheme, host and port, with a user and password perhaps.
    private static func isProxy(_ text: String) -> Bool {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, proxySchemes.contains(parts[0].lowercased()) else { return false }
        let place = parts[1].lastIndex(of: "@").map { parts[1][parts[1].index(after: $0)...] } ?? parts[1]
        guard !text.contains(where: \.isWhitespace), let url = try? BaseURL("https://\(place)", allowsPlainHTTP: false)
        else { return false }
        let isBracketed = url.authority.hasPrefix("[")
        let host = isBracketed ? url.authority.prefix { $0 != "]" } : url.authority.prefix { $0 != ":" }
        let rest = url.authority[host.endIndex...]
        guard url.path.isEmpty, !host.isEmpty, !isBracketed || rest.hasPrefix("]") else { return false }
        let port = isBracketed ? rest.dropFirst() : rest
        return port.isEmpty || port.hasPrefix(":") && UInt16(port.dropFirst()).map { $0 > 0 } == true
    }

    /// Seconds to connect, to the first event, and between events.
    private mutating func take(timeouts: FieldReader) throws(ChatError) {
        if let stranger = timeouts.object.members.first(where: { !["connect", "firstEvent", "idle"].contains($0.key) })
        {
            throw ChatError(.invalidRequest, "timeouts.\(stranger.key) means nothing.")
        }
        func seconds(_ name: String, upTo most: Double) throws(ChatError) -> Duration? {
            let seconds = try timeouts.double(name, in: 0.1...most)
            return seconds.map { .milliseconds(Int(($0 * 1000).rounded())) }
        }
        if let connect = try seconds("connect", upTo: 600) { description.transport.connectTimeout = connect }
        let first = try seconds("firstEvent", upTo: 86_400)
        let idle = try seconds("idle", upTo: 86_400)
        if let first { description.transport.firstByteTimeout = first }
        if let idle { description.transport.idleTimeout = idle }
        guard first != nil || idle != nil else { return }
        let usual = ChatConfiguration()
        patience = ChatConfiguration.Patience(
            firstEvent: first ?? usual.firstEventTimeout, idle: idle ?? usual.idleTimeout)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || byte == UInt8(ascii: "-")
    }
}
