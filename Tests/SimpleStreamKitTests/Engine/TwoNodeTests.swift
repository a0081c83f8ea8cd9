import SimpleStreamKit
import TestSupport
import Testing

struct TwoNodeTests {
    /// A run on node A that has said `pieces`, followed on both.
    private struct Followed {
        let ticket: RunTicket
        let call: ScriptedProvider.Call
        let atA: MailboxReader
        let atB: MailboxReader
        var viewAtA: ClientView
        var viewAtB: ClientView

        init(_ nodes: TwoNodes, saying pieces: String...) async throws {
            atA = MailboxReader(of: "u", in: nodes.a.chat)
            atB = MailboxReader(of: "u", in: nodes.b.chat)
            ticket = try await nodes.a.chat.send(nodes.a.request(), of: "u", to: atA.mailbox)
            call = try await nodes.a.provider.nextCall()
            viewAtA = ClientView(ticket.messageID)
            viewAtB = ClientView(ticket.messageID)
            try await nodes.b.chat.subscribe(
                atB.mailbox, to: ticket.conversationID, messageID: ticket.messageID, after: 0)
            for piece in pieces { try await say(piece, heardAtB: true) }
        }

        /// Says a piece and waits until it was heard at A, and at B.
        mutating func say(_ piece: String, heardAtB: Bool) async throws {
            let expected = viewAtA.text + piece
            call.say(.text(piece))
            try await viewAtA.follow(atA) { $0.text == expected }
            if heardAtB { try await viewAtB.follow(atB) { $0.text == expected } }
        }

        mutating func expectTheSameEnd() async throws {
            try await viewAtA.followToTheEnd(atA)
            try await viewAtB.followToTheEnd(atB)
            #expect(viewAtA.text == viewAtB.text)
            #expect(viewAtA.terminals == viewAtB.terminals)
            #expect(viewAtA.terminals.count == 1)
            #expect(viewAtA.problems.isEmpty && viewAtB.problems.isEmpty)
        }
    }

    @Test func anyNodeStopsARunAtOnce() async throws {
        try await TwoNodes.run { nodes in
            var run = try await Followed(nodes, saying: "So ", "far")
            try await nodes.b.chat.stop(run.ticket.messageID, of: "u")
            await run.call.closed()
            try await run.expectTheSameEnd()
            #expect(run.viewAtB.text == "So far")
            #expect(try await nodes.b.stored(run.ticket.messageID).status == .cancelled)
        }
    }

    @Test func withoutTheBusAStopIsFoundInTheStore() async throws {
        let a = TwoNodes.configuration("a", saves: .milliseconds(5))
        try await TwoNodes.run(a: a) { nodes in
            let run = try await Followed(nodes, saying: "So far")
            nodes.bus.cut()
            try await nodes.b.chat.stop(.conversation(run.ticket.conversationID), of: "u")
            await run.call.closed()
        }
    }

    @Test func deletingAConversationStopsItsRunElsewhere() async throws {
        try await TwoNodes.run { nodes in
            var run = try await Followed(nodes, saying: "So far")
            try await nodes.b.chat.deleteConversation(run.ticket.conversationID, of: "u")
            await run.call.closed()
            try await run.expectTheSameEnd()
        }
    }

    /// A log that has everything, one that forgot its beginning, and none at all.
    @Test(arguments: ["whole", "forgetful", "none"])
    func aHoleIsFilled(log: String) async throws {
        try await TwoNodes.run { nodes in
            var run = try await Followed(nodes, saying: "1", "2")
            nodes.bus.cut()
            if log == "none" { nodes.log.set(reachable: false) }
            for piece in ["3", "4", "5"] { try await run.say(piece, heardAtB: false) }
            if log == "forgetful" { nodes.log.forget() }
            nodes.bus.mend()
            for piece in ["6", "7"] { try await run.say(piece, heardAtB: true) }
            run.call.finish()
            try await run.expectTheSameEnd()
            #expect(run.viewAtB.text == "1234567")
        }
    }

    @Test func aHoleInTheLogIsFilledFromTheStore() async throws {
        try await TwoNodes.run { nodes in
            var run = try await Followed(nodes, saying: "1")
            nodes.log.set(reachable: false)
            try await run.say("2", heardAtB: true)
            nodes.log.set(reachable: true)
            try await run.say("3", heardAtB: true)
            // The log has 1 and 3.
            let late = MailboxReader(of: "u", in: nodes.b.chat)
            try await nodes.b.chat.subscribe(
                late.mailbox, to: run.ticket.conversationID, messageID: run.ticket.messageID, after: 0)
            var view = ClientView(run.ticket.messageID)
            try await run.say("4", heardAtB: true)
            run.call.finish()
            try await view.followToTheEnd(late)
            #expect(view.text == "1234")
            #expect(view.problems.isEmpty)
            try await run.expectTheSameEnd()
        }
    }

    @Test func anEndThatWasNotHeardIsFoundInTheStore() async throws {
        let b = TwoNodes.configuration("b", watches: .milliseconds(2))
        try await TwoNodes.run(b: b) { nodes in
            var run = try await Followed(nodes, saying: "Heard")
            nodes.bus.cut()
            nodes.log.set(reachable: false)
            try await run.say(" or not", heardAtB: false)
            run.call.finish()
            try await run.expectTheSameEnd()
            #expect(run.viewAtB.text == "Heard or not")
        }
    }

    @Test func whatASleeperSaysAfterItsRunWasEndedNobodyHears() async throws {
        let clock = SettableClock()
        let store = InMemoryStore(now: { clock.now })
        let b = TwoNodes.configuration("b", reaps: .milliseconds(2))
        try await TwoNodes.run(store: store, b: b) { nodes in
            var run = try await Followed(nodes, saying: "Seen")
            // The store's clock alone goes on, so that A still takes its lease to hold.
            clock.advance(by: 60)
            try await run.viewAtB.followToTheEnd(run.atB)
            run.call.say(.text(" and gone"))
            run.call.finish()
            await run.call.closed()
            try await run.expectTheSameEnd()
            #expect(run.viewAtA.text == "Seen")
            let answer = try await nodes.b.stored(run.ticket.messageID)
            #expect(answer.status == .interrupted)
            #expect(answer.content == "Seen")
        }
    }

    @Test func anOutageOfTheStoreCostsNoRun() async throws {
        let clock = SettableClock()
        let store = FaultyStore(InMemoryStore(now: { clock.now }))
        let a = TwoNodes.configuration("a", saves: .milliseconds(2))
        let b = TwoNodes.configuration("b", reaps: .milliseconds(300))
        try await TwoNodes.run(store: store, a: a, b: b) { nodes in
            var run = try await Followed(nodes, saying: "Before")
            store.set(.refuse)
            clock.advance(by: 60)
            try await run.say(", during", heardAtB: true)
            let failures = store.failureCount
            // Both have tried and failed.
            while store.failureCount < failures + 50 { await Task.yield() }
            store.set(nil)
            while try await store.expiredRuns(limit: 1) != [] { await Task.yield() }
            try await run.say(" and after", heardAtB: true)
            run.call.finish()
            try await run.expectTheSameEnd()
            #expect(try await nodes.b.stored(run.ticket.messageID).status == .complete)
        }
    }

    @Test func theSameRequestElsewhereIsTheSameRun() async throws {
        try await TwoNodes.run { nodes in
            let first = MailboxReader(of: "u", in: nodes.a.chat)
            let ticket = try await nodes.a.chat.send(nodes.a.request(requestID: "r"), of: "u", to: first.mailbox)
            let call = try await nodes.a.provider.nextCall()
            call.say(.text("once"))
            let second = MailboxReader(of: "u", in: nodes.b.chat)
            let again = try await nodes.b.chat.send(nodes.b.request(requestID: "r"), of: "u", to: second.mailbox)
            #expect(again.messageID == ticket.messageID)
            call.say(.text(" only"))
            call.finish()
            var view = ClientView(ticket.messageID)
            try await view.followToTheEnd(second)
            #expect(view.text == "once only")
            #expect(nodes.b.provider.callCount == 0)
        }
    }

    @Test func typingIsSeenElsewhere() async throws {
        try await TwoNodes.run { nodes in
            let ticket = try await nodes.a.exchange("Hi", answer: "Hello")
            let reader = MailboxReader(of: "u", in: nodes.b.chat)
            let typist = MailboxReader(of: "u", in: nodes.a.chat)
            try await nodes.a.chat.typing(in: ticket.conversationID, from: typist.mailbox)
            let frames = try #require(await reader.next())
            #expect(JSONView(frames[0].json)["type"]?.equals("typing") == true)
            #expect(typist.mailbox.take().isEmpty)
        }
    }
}
