import SimpleStreamKit
import SimpleStreamServer
import TestSupport
import Testing

@Suite struct WebFilesTests {
    @Test(arguments: ["/", "/index.html", "/chat/0198c5e0-0000-7000-8000-000000000000", "/?x=1"])
    func pageIsServed(path: String) async throws {
        try await ChatServer.run { server in
            let page = try await server.http.get(path)
            #expect(page.status == 200)
            #expect(page.headers["content-type"] == "text/html; charset=utf-8")
            let policy = page.headers["content-security-policy"] ?? ""
            #expect(policy.contains("script-src 'self';"))
            #expect(policy.contains("frame-ancestors 'none'"))
            #expect(!policy.contains("unsafe"))
            #expect(page.headers["x-content-type-options"] == "nosniff")
            #expect(page.headers["referrer-policy"] == "no-referrer")
        }
    }

    @Test func unchangedPageIsNotSentAgain() async throws {
        try await ChatServer.run { server in
            let tag = try #require(try await server.http.get("/").headers["etag"])
            #expect(try await server.http.get("/", headers: ["If-None-Match": tag]).status == 304)
            #expect(try await server.http.get("/", headers: ["If-None-Match": "\"x\", W/\(tag)"]).status == 304)
            #expect(try await server.http.get("/", headers: ["If-None-Match": "\"other\""]).status == 200)
        }
    }

    @Test(arguments: [
        "/../Package.swift", "/..%2f..%2fetc/passwd", "/%2e%2e/index.html", "/%2e/index.html", "/./index.html",
        "//index.html", "/index.html%00", "/index.html%00.js", "/..\\index.html", "/%5c..%5cindex.html", "/chat/../x",
        "/chat/", "/chat/a/b", "/chat/%2e%2e", "/Index.html", "/index.html/", "/assets",
    ])
    func pathsThatAreNoFilesAreNotFound(path: String) async throws {
        try await ChatServer.run { server in
            let response = try await server.http.get(path)
            #expect(response.status == 404)
            #expect(response.errorCode == "not_found")
        }
    }
}
