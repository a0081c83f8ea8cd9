public import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Keeps attachments' bytes in the database, where every node finds them.
///
/// A blob comes and goes in parts of 256 KiB, each a statement of its own: an upload holds no more than that in memory
/// and no transaction open. The last statement makes the parts a blob, in one step. Parts of uploads that never ended are
/// removed by a later upload, an hour after they began.
public struct PostgresBlobStore: BlobStore {
    private static let partSize = 262_144
    /// How many parts are read at a time.
    private static let readAhead: Int64 = 16

    private let database: Database

    init(_ database: Database) { self.database = database }

    public func put(_ id: String, limit: Int, bytes: some AsyncSequence<[UInt8], any Error>) async throws -> Int {
        guard UUIDv7.isWellFormed(id) else { throw StoreError.notFound("file") }
        let upload = UUIDv7.make()
        var isDone = false
        var part: Int64 = 0
        var size = 0
        var gathered: [UInt8] = []
        do {
            for try await chunk in bytes {
                guard chunk.count <= limit - size else { throw StoreError.tooLarge(limit: limit) }
                size += chunk.count
                gathered += chunk
                var start = 0
                while gathered.count - start >= Self.partSize {
                    try await save(Array(gathered[start..<start + Self.partSize]), part, of: upload)
                    start += Self.partSize
                    part += 1
                }
                gathered.removeFirst(start)
            }
            try Task.checkCancellation()
            try await finish(gathered, part, of: upload, as: id, size: size)
            isDone = true
        } catch {
            if !isDone, part > 0 { await discard(upload) }
            throw error
        }
        return size
    }

    public func get(_ id: String) async throws(ChatError) -> [UInt8] {
        guard UUIDv7.isWellFormed(id) else { throw StoreError.notFound("file") }
        while true {
            let found = try await database.read { connection in
                try connection.one("SELECT upload, size FROM blobs WHERE id = $1", [.text(id)])
                    .first { (upload: try $0.text(), size: try $0.int()) }
            }
            guard let found else { throw StoreError.notFound("file") }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(found.size)
            var next: Int64 = 0
            while bytes.count < found.size {
                let parts = try await parts(of: found.upload, from: next)
                if parts.isEmpty { break }
                for part in parts { bytes += part }
                next += Self.readAhead
            }
            // Otherwise it was replaced or deleted meanwhile.
            if bytes.count == found.size { return bytes }
        }
    }

    public func delete(_ id: String) async throws(ChatError) {
        guard UUIDv7.isWellFormed(id) else { throw StoreError.notFound("file") }
        try await database.write { connection, _ in
            _ = try connection.one(
                """
                WITH gone AS (DELETE FROM blobs WHERE id = $1 RETURNING upload)
                DELETE FROM blob_parts USING gone WHERE blob_parts.upload = gone.upload
                """, [.text(id)])
        }
    }

    private func parts(of upload: String, from part: Int64) async throws(ChatError) -> [[UInt8]] {
        var statement = Statement(
            "SELECT bytes FROM blob_parts WHERE upload = $1 AND part >= $2 AND part < $3 ORDER BY part",
            [.text(upload), .int(part), .int(part + Self.readAhead)])
        statement.hasBinaryResult = true
        return try await database.read { [statement] connection in
            try connection.run([statement]).flatMap { try $0.map { try $0.bytes() } }
        }
    }

    private static let savePart = """
        INSERT INTO blob_parts (upload, part, bytes) VALUES ($1, $2, $3)
        ON CONFLICT (upload, part) DO NOTHING
        """

    private func save(_ bytes: [UInt8], _ part: Int64, of upload: String) async throws(ChatError) {
        try await database.write { connection, _ in
            _ = try connection.one(Self.savePart, [.text(upload), .int(part), .bytes(bytes)])
        }
    }

    /// Saves the last part and makes all of them the blob, in place of the one before.
    private func finish(
        _ bytes: [UInt8], _ part: Int64, of upload: String, as id: String, size: Int
    ) async throws(ChatError) {
        let abandoned = UUIDv7.lowest(at: Date(timeIntervalSinceNow: -3600))
        try await database.write { connection, _ in
            _ = try connection.run(
                Statement(Self.savePart, [.text(upload), .int(part), .bytes(bytes)]),
                // Makes a second upload of the id wait for this one.
                Statement(
                    "INSERT INTO blobs (id, upload, size) VALUES ($1, $2, 0) ON CONFLICT (id) DO NOTHING",
                    [.text(id), .text(upload)]),
                Statement("SELECT FROM blobs WHERE id = $1 FOR UPDATE", [.text(id)]),
                Statement(
                    """
                    DELETE FROM blob_parts USING blobs
                    WHERE blobs.id = $1 AND blob_parts.upload = blobs.upload AND blobs.upload <> $2
                    """, [.text(id), .text(upload)]),
                Statement(
                    "UPDATE blobs SET upload = $2, size = $3 WHERE id = $1",
                    [.text(id), .text(upload), Parameter(size)]),
                Statement(
                    """
                    DELETE FROM blob_parts WHERE upload < $1
                        AND NOT EXISTS (SELECT FROM blobs WHERE blobs.upload = blob_parts.upload)
                    """, [.text(abandoned)]))
        }
    }

    private func discard(_ upload: String) async {
        // What stays is removed by a later upload.
        _ = try? await database.write { connection, _ in
            _ = try connection.one("DELETE FROM blob_parts WHERE upload = $1", [.text(upload)])
        }
    }
}
