import Foundation

/// Runs `body` with the path of a new directory that is removed afterwards.
package func withScratchDirectory<R>(_ body: (String) throws -> R) throws -> R {
    let path = try makeScratchDirectory()
    // What cannot be removed is the temporary directory's to clean.
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
}

/// Runs `body` with the path of a new directory that is removed afterwards.
package func withScratchDirectory<R>(_ body: (String) async throws -> R) async throws -> R {
    let path = try makeScratchDirectory()
    // What cannot be removed is the temporary directory's to clean.
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

private func makeScratchDirectory() throws -> String {
    let path = NSTemporaryDirectory() + "/simple-stream-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
}
