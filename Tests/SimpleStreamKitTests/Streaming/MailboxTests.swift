import Synchronization
import Testing

@testable import SimpleStreamKit

struct MailboxTests {
    private let run = RunFrames(
        RunIdentity(conversationID: "c", messageID: "m", userID: "u", provider: "p", model: "x"))

    private func mailbox(
        limits: Mailbox.Limits = Mailbox.Limits(),
        onGap: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> (Mailbox, signals: Counter) {
        let counter = Counter()
        let mailbox = Mailbox(id: "me", userID: "u", limits: limits, onReady: { counter.increment() }) { _, _, seq in
            onGap(seq)
        }
        return (mailbox, counter)
    }

    private func text(_ frames: [Frame]) -> String {
        frames.compactMap { ChatEvent(decoding: $0.json) }.reduce(into: "") { text, event in
            if case .text(let more) = event { text += more }
        }
    }

    @Test func signalsOnceUntilTaken() {
        let (mailbox, signals) = mailbox()
        mailbox.post([run.text("a", seq: 1)])
        mailbox.post([run.text("b", seq: 2)])
        #expect(signals.value == 1)
        #expect(mailbox.take().count == 2)
        #expect(mailbox.take().isEmpty)
        mailbox.post([run.text("c", seq: 3)])
        #expect(signals.value == 2)
    }

    @Test func givesEachNumberOnce() {
        let (mailbox, _) = mailbox()
        mailbox.post([run.text("a", seq: 1), run.text("b", seq: 2)])
        mailbox.post([run.text("a", seq: 1), run.text("b", seq: 2), run.text("c", seq: 3)])
        #expect(text(mailbox.take()) == "abc")
    }

    @Test func holdsWhatComesBeforeTheMissingFrames() {
        let gap = Counter()
        let (mailbox, _) = mailbox(onGap: { gap.set($0 + 100) })
        mailbox.post([run.text("a", seq: 1)])
        mailbox.post([run.text("c", seq: 3), run.text("d", seq: 4)])
        #expect(gap.value == 101)
        #expect(text(mailbox.take()) == "a")
        mailbox.caughtUp("m", with: [run.text("b", seq: 2), run.text("c", seq: 3)], to: 3, isOver: false)
        mailbox.post([run.text("e", seq: 5)])
        #expect(text(mailbox.take()) == "abcde".dropFirst())
    }

    @Test(arguments: [1, 2, 7, 100])
    func joinsWhatASlowReaderLeaves(every taken: Int) throws {
        let limits = Mailbox.Limits(highWater: 500, limit: 1 << 20)
        let (mailbox, _) = mailbox(limits: limits)
        var expected = ""
        var received: [Frame] = []
        for seq in 1...400 {
            let piece = seq.isMultiple(of: 3) ? "\"\\\n" : "né\(seq) "
            expected += piece
            mailbox.post([run.text(piece, seq: seq)])
            if seq.isMultiple(of: taken * 50) { received += mailbox.take() }
        }
        received += mailbox.take()
        #expect(text(received) == expected)
        var last = 0
        for frame in received {
            #expect(frame.fromSeq == last + 1)
            last = frame.seq
            let value = try JSONValue(parsing: frame.json)
            #expect(value["seq"]?.int == frame.seq)
            #expect(value["fromSeq"]?.int == (frame.fromSeq == frame.seq ? nil : frame.fromSeq))
            #expect(value["done"]?.bool == false)
        }
        #expect(last == 400)
        #expect(received.count < 400)
    }

    @Test func joinedFramesJoinAgain() throws {
        let frames = (1...9).map { run.thinking("t\($0) ", duration: $0, seq: $0) }
        let halves = [Array(frames[..<4]), Array(frames[4...])].compactMap(Frame.joining)
        let whole = try #require(Frame.joining(halves))
        let value = try JSONValue(parsing: whole.json)
        #expect(value["thinkingText"]?.string == "t1 t2 t3 t4 t5 t6 t7 t8 t9 ")
        #expect(value["thinkingDuration"]?.int == 9)
        #expect(value["fromSeq"]?.int == 1)
        #expect(value["seq"]?.int == 9)
        #expect(value["isThinking"]?.bool == true)
    }

    @Test func doesNotJoinAcrossKindsRunsOrHoles() {
        let other = RunFrames(
            RunIdentity(conversationID: "c", messageID: "n", userID: "u", provider: "p", model: "x"))
        #expect(!run.text("a", seq: 1).canJoin(run.thinking("b", duration: 0, seq: 2)))
        #expect(!run.text("a", seq: 1).canJoin(other.text("b", seq: 2)))
        #expect(!run.text("a", seq: 1).canJoin(run.text("b", seq: 3)))
        #expect(!run.citations([], seq: 1).canJoin(run.citations([], seq: 2)))
        #expect(Frame.coalescing([run.text("a", seq: 1), run.text("b", seq: 2), other.text("c", seq: 1)]).count == 2)
    }

    @Test func aReaderThatComesBackGetsMoreThanTheLimitAtOnce() {
        let (mailbox, _) = mailbox(limits: Mailbox.Limits(highWater: 1_000, limit: 10_000))
        let long = String(repeating: "x", count: 30_000)
        #expect(mailbox.beginCatchingUp("m", after: 0, .asked))
        mailbox.post([run.text("c", seq: 3)])
        mailbox.caughtUp("m", with: [run.text(long, seq: 1), run.text(long, seq: 2)], to: 2, isOver: false)
        mailbox.post([run.text("d", seq: 4)])
        #expect(!mailbox.isOverflowing)
        #expect(mailbox.take().last?.seq == 4)
        // From then on it has to keep up.
        for seq in 5...100 { mailbox.post([run.text(String(repeating: "x", count: 600), seq: seq)]) }
        #expect(mailbox.isOverflowing)
    }

    @Test func anEndThatComesTwiceIsHandedOutOnce() {
        let (mailbox, _) = mailbox()
        #expect(mailbox.beginCatchingUp("m", after: 2, .asked))
        let end = Frame(kind: .terminal, messageID: "m", fromSeq: 3, seq: 3, json: [])
        mailbox.caughtUp("m", with: [end], to: 3, isOver: true)
        mailbox.post([end])
        #expect(mailbox.take() == [end])
    }

    @Test func aReaderThatStaysAwayOverflowsAndHoldsNothing() {
        let (mailbox, signals) = mailbox(limits: Mailbox.Limits(highWater: 1_000, limit: 10_000))
        let long = String(repeating: "x", count: 600)
        for seq in 1...100 { mailbox.post([run.text(long, seq: seq)]) }
        #expect(mailbox.isOverflowing)
        // Once because there was something to take, once because it is too late for that.
        #expect(signals.value == 2)
        #expect(mailbox.take().isEmpty)
    }

    @Test func oneLongFrameIsNotAnOverflow() {
        let (mailbox, _) = mailbox(limits: Mailbox.Limits(highWater: 1_000, limit: 10_000))
        mailbox.post([run.text("a", seq: 1), run.text(String(repeating: "x", count: 50_000), seq: 2)])
        #expect(!mailbox.isOverflowing)
        #expect(mailbox.take().last?.seq == 2)
    }

    @Test func noticesDoNotGoBackToTheirSender() {
        let (mailbox, _) = mailbox()
        mailbox.post([Notice.typing(conversationID: "c", userID: "u", senderID: "me")])
        #expect(mailbox.take().isEmpty)
        mailbox.post([Notice.typing(conversationID: "c", userID: "u", senderID: "another")])
        #expect(mailbox.take().count == 1)
    }

    @Test func aRunOfAChannelThatWasLeftIsNotLookedAfter() {
        let pubSub = InProcessPubSub()
        let (mailbox, _) = mailbox()
        mailbox.subscribe(to: "conv:c", of: pubSub)
        mailbox.subscribe(to: "conv:d", of: pubSub)
        let other = RunFrames(
            RunIdentity(conversationID: "d", messageID: "n", userID: "u", provider: "p", model: "x"))
        pubSub.publish([run.text("a", seq: 1)], to: "conv:c")
        pubSub.publish([other.text("a", seq: 1)], to: "conv:d")
        #expect(mailbox.beginCatchingUp("o", on: "conv:c", after: 4, .asked))
        mailbox.unsubscribe(from: "conv:c")
        _ = mailbox.take()
        // What was being read when it left is not handed out.
        #expect(!mailbox.isReading("o"))
        mailbox.caughtUp("o", with: [run.text("b", seq: 5)], to: 5, isOver: false)
        #expect(mailbox.take().isEmpty)
        // A run that still is followed is named at the second look.
        _ = mailbox.silentRuns()
        #expect(mailbox.silentRuns().map(\.messageID) == ["n"])
        #expect(!mailbox.beginCatchingUp("m", after: 1, .silence))
        // Who comes back begins where it says.
        mailbox.subscribe(to: "conv:c", of: pubSub)
        #expect(mailbox.beginCatchingUp("m", on: "conv:c", after: 1, .asked))
        mailbox.caughtUp("m", with: [run.text("b", seq: 2)], to: 2, isOver: false)
        pubSub.publish([run.text("c", seq: 3)], to: "conv:c")
        #expect(text(mailbox.take()) == "bc")
    }

    @Test func closingEndsSubscriptions() {
        let pubSub = InProcessPubSub()
        let (mailbox, _) = mailbox()
        mailbox.subscribe(to: "conv:c", of: pubSub)
        mailbox.subscribe(to: "conv:c", of: pubSub)
        #expect(pubSub.channelCount == 1)
        mailbox.close()
        #expect(pubSub.channelCount == 0)
        mailbox.subscribe(to: "conv:c", of: pubSub)
        #expect(pubSub.channelCount == 0)
        mailbox.post([run.text("a", seq: 1)])
        #expect(mailbox.take().isEmpty)
    }
}

/// A number that callbacks change.
final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }
    func increment() { count.withLock { $0 += 1 } }
    func set(_ value: Int) { count.withLock { $0 = value } }
}
