import Foundation
import SimpleStreamKit
import TestSupport
import Testing

@testable import SimpleStreamComposition

@Suite struct DataDirectoryTests {
    @Test func nameAndKeyAreMadeOnceAndPrivate() throws {
        try withScratchDirectory { path in
            let directory = try DataDirectory("\(path)/data")
            let node = try directory.nodeID()
            let key = try directory.encryptionKey()
            #expect(try DataDirectory("\(path)/data").nodeID() == node)
            #expect(try DataDirectory("\(path)/data").encryptionKey() == key)
            #expect(throws: Never.self) { try AESGCMKeyVault(keyring: key.reveal()) }
            for name in ["node-id", "encryption-key"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/data/\(name)")
                #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
            }
        }
    }

    @Test func foreignNodeFileIsRefused() throws {
        try withScratchDirectory { path in
            try Data("../x".utf8).write(to: URL(fileURLWithPath: "\(path)/node-id"))
            #expect(throws: ConfigurationError.self) { try DataDirectory(path).nodeID() }
        }
    }

    @Test func placeThatCannotBeMadeIsRefused() throws {
        try withScratchDirectory { path in
            try Data().write(to: URL(fileURLWithPath: "\(path)/file"))
            let error = #expect(throws: ConfigurationError.self) { try DataDirectory("\(path)/file/data") }
            #expect(error?.variable == "SS_DATA_DIR")
            let other = #expect(throws: ConfigurationError.self) {
                try DataDirectory("\(path)/file/data", namedBy: "DATABASE_URL")
            }
            #expect(other?.variable == "DATABASE_URL")
        }
    }
}
