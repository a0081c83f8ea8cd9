import Foundation
import Testing

@testable import SimpleStreamKit

struct JournalTests {
    private let run = RunFrames(
        RunIdentity(conversationID: "c", messageID: "m", userID: "u", provider: "p", model: "x"))

    private func withJournal<R>(_ body: (String) async throws -> R) async throws -> R {
        let directory = NSTemporaryDirectory() + "journal-\(UUIDv7.make())"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        return try await body(directory)
    }

    private func files(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted().map { "\(directory)/\($0)" }
    }

    private func message() -> Message {
        Message(id: "m", conversationID: "c", parentID: nil, role: .assistant, content: "", createdAt: .now)
    }

    @Test func whatWasAppendedIsReadByTheNextProcess() async throws {
        try await withJournal { directory in
            let journal = try Journal(directory: directory)
            try journal.append([run.text("Grüße \"an\"\n", seq: 1), run.thinking("hm", duration: 4, seq: 2)])
            try journal.append([run.text("alle 👋🏽", seq: 3)])
            try await journal.sync()
            let recovered = try Journal(directory: directory).recover()
            #expect(recovered.skipped == 0)
            var answer = message()
            answer.apply(recovered.records["m"] ?? [])
            #expect(answer.content == "Grüße \"an\"\nalle 👋🏽")
            #expect(answer.thinkingText == "hm")
            #expect(answer.materializedSeq == 3)
        }
    }

    @Test func textTheStoreHasIsNotAddedAgain() async throws {
        try await withJournal { directory in
            let journal = try Journal(directory: directory)
            for seq in 1...5 { try journal.append([run.text("\(seq)", seq: seq)]) }
            var answer = message()
            answer.content = "123"
            answer.materializedSeq = 3
            answer.apply(try Journal(directory: directory).recover().records["m"] ?? [])
            #expect(answer.content == "12345")
        }
    }

    @Test func everyTornTailLeavesAPrefix() async throws {
        try await withJournal { directory in
            let journal = try Journal(directory: directory)
            for seq in 1...3 { try journal.append([run.text("<\(seq)>", seq: seq)]) }
            let path = try #require(try files(directory).first)
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            for length in 0..<whole.count {
                try whole.prefix(length).write(to: URL(fileURLWithPath: path))
                var answer = message()
                answer.apply(try Journal(directory: directory).recover().records["m"] ?? [])
                #expect("<1><2><3>".hasPrefix(answer.content))
                #expect(answer.content.count == answer.materializedSeq * 3)
            }
        }
    }

    @Test func aDamagedBlockCostsOnlyItsRunAndNothingIsMadeUp() async throws {
        try await withJournal { directory in
            let other = RunFrames(
                RunIdentity(conversationID: "c", messageID: "other", userID: "u", provider: "p", model: "x"))
            let journal = try Journal(directory: directory)
            for seq in 1...3 { try journal.append([run.text("<\(seq)>", seq: seq)]) }
            try journal.append([other.text("unharmed", seq: 1)])
            let path = try #require(try files(directory).first)
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            for index in 0..<whole.count {
                var damaged = whole
                damaged[index] ^= 0x10
                try damaged.write(to: URL(fileURLWithPath: path))
                let records = try Journal(directory: directory).recover().records
                var answer = message()
                answer.apply(records["m"] ?? [])
                #expect("<1><2><3>".hasPrefix(answer.content))
                if index < whole.count / 2 { #expect(records["other"]?.count == 1) }
            }
        }
    }

    @Test func garbageAndForeignFilesAreNotTakenForRecords() async throws {
        try await withJournal { directory in
            _ = try Journal(directory: directory)
            try Data("SSJ1SSJ1\u{1}\u{2}garbage".utf8).write(
                to: URL(fileURLWithPath: "\(directory)/000000000001.journal"))
            try Data("not mine".utf8).write(to: URL(fileURLWithPath: "\(directory)/notes.txt"))
            let recovered = try Journal(directory: directory).recover()
            #expect(recovered.records.isEmpty)
            #expect(recovered.skipped > 0)
            #expect(recovered.files.count == 1)
        }
    }

    @Test func rotatingKeepsWhatIsNotRemoved() async throws {
        try await withJournal { directory in
            let journal = try Journal(directory: directory)
            try journal.append([run.text("old", seq: 1)])
            let older = journal.rotate()
            #expect(older.count == 1)
            try journal.append([run.text("new", seq: 2)])
            #expect(try Journal(directory: directory).recover().records["m"]?.count == 2)
            journal.remove(older)
            #expect(try Journal(directory: directory).recover().records["m"]?.map(\.seq) == [2])
            #expect(journal.rotate().count == 1)
            #expect(journal.rotate().count == 1)
        }
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func aFullDiskIsAnErrorAndLeavesNothingBehind() throws {
        let file = try JournalFile(creating: "/dev/full")
        let error = #expect(throws: ChatError.self) { try file.append([1, 2, 3], at: 0) }
        #expect(error?.code == .storageUnavailable)
    }
}
