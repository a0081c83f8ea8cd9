import HTTPTypes
import Testing

@testable import SimpleStreamCurl

@Suite
struct HeadParserTests {
    private func parse(_ lines: [String], limit: Int = 1000) -> HeadParser.Action {
        var parser = HeadParser(limit: limit)
        var action = HeadParser.Action.needsMore
        for line in lines {
            let bytes = Array(line.utf8)
            action = unsafe bytes.withUnsafeBytes { unsafe parser.lineArrived($0) }
            guard action == .needsMore else { return action }
        }
        return action
    }

    @Test(arguments: [("HTTP/1.1 200 OK", 200), ("HTTP/2 429 ", 429), ("HTTP/1.0 500", 500)])
    func statusLines(line: String, code: Int) {
        guard case .head(let response) = parse([line + "\r\n", "a: b \t\r\n", "junk\r\n", ": x\r\n", "\r\n"]) else {
            Issue.record("no head")
            return
        }
        #expect(response.status.code == code)
        #expect(response.headerFields.count == 1)
        #expect(response.headerFields.first?.value == "b")
    }

    @Test(arguments: ["HTTP/1.1", "HTTP/1.1 abc", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/1.1 999 Odd", "HTTP/1.1 -20"])
    func badStatusLines(line: String) {
        #expect(parse([line + "\r\n"]) == .refused("a malformed status line"))
    }

    @Test
    func invalidBytesDoNoHarm() {
        var parser = HeadParser(limit: 1000)
        let line: [UInt8] = [0xFF, 0x3A, 0xC3, 0x0A]
        #expect(unsafe line.withUnsafeBytes { unsafe parser.lineArrived($0) } == .needsMore)
        #expect(parse(["\r\n"]) == .refused("a response without a status"))
    }
}
