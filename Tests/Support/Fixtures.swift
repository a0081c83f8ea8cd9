package import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Recorded provider streams, when the environment says where they are.
package enum Fixtures {
    /// Why a test that needs them does not run.
    package static let hint = "SS_FIXTURES does not name a directory of recorded streams"

    private static let root = ProcessInfo.processInfo.environment["SS_FIXTURES"]

    package static var areAvailable: Bool { !(root ?? "").isEmpty }

    /// The bytes of `path`; nil when there is no such file.
    package static func bytes(_ path: String) -> [UInt8]? {
        guard let root, let data = FileManager.default.contents(atPath: "\(root)/\(path)") else { return nil }
        return Array(data)
    }

    /// The names of the files in `folder`, sorted; nil when there is no such folder.
    package static func files(in folder: String) -> [String]? {
        guard let root else { return nil }
        return try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)").sorted()  // Not there: nil.
    }

    /// The JSON in `path`; nil when there is none.
    package static func json(_ path: String) -> JSONValue? {
        bytes(path).flatMap { try? JSONValue(parsing: $0, .provider) }  // Not JSON: not there.
    }

    /// The rows of the folders' indexes.
    package static func cases(in folders: [String]) -> [FixtureCase] {
        folders.flatMap { folder -> [FixtureCase] in
            guard let index = bytes("\(folder)/index.tsv") else { return [] }
            let lines = String(decoding: index, as: UTF8.self).split(separator: "\n")
            let names = lines.first?.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) ?? []
            return lines.dropFirst().map { line in
                let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
                return FixtureCase(folder: folder, cells: Dictionary(zip(names, cells)) { first, _ in first })
            }
        }
    }
}

/// One row of an index.
package struct FixtureCase: Sendable, CustomStringConvertible {
    package let folder: String
    let cells: [String: String]

    package var file: String { cells["file"] ?? "" }
    package var path: String { "\(folder)/\(file)" }
    /// The wire format, or `http-error`.
    package var format: String { cells["protocol"] ?? "" }
    /// What an error should become.
    package var error: String { cells["error"] ?? "" }

    package var description: String { path }

    /// The bytes of the case itself.
    package var bytes: [UInt8] { Fixtures.bytes(path) ?? [] }

    /// `CASE.expected.json`.
    package var expected: JSONValue? { Fixtures.json(stem + ".expected.json") }

    /// `CASE.request.json`.
    package var request: JSONValue? { Fixtures.json(stem + ".request.json") }

    /// For an error body: the response it was.
    package var failure: WireFailure {
        let parts = file.split(separator: ".")
        let status = parts.dropFirst().first.flatMap { Int($0) } ?? 0
        let withoutEnding = path.split(separator: ".").dropLast().joined(separator: ".")
        let headers = Fixtures.json(withoutEnding + ".headers.json")?.object?.members ?? []
        return WireFailure(
            status: status,
            headers: Dictionary(headers.map { ($0.key.lowercased(), $0.value.string ?? "") }) { first, _ in first },
            body: bytes)
    }

    private var stem: String { path.split(separator: ".").dropLast().joined(separator: ".") }
}
