import SimpleStreamKit
import Testing

@testable import SimpleStreamCurl

@Suite
struct AddressPolicyTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("::ffff:10.1.2.3", "10.1.2.3"), ("::1", "::1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
    ])
    func limitsCountBlocks(text: String, key: String) throws {
        #expect(try #require(IPAddress(text)).limitKey == key)
    }

    @Test(
        arguments: [
            "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "223.255.255.255",
            "9.255.255.255", "11.0.0.0", "198.17.255.255", "198.20.0.0", "2606:4700::1111", "2a00:1450:4001::1",
            // Public IPv4 behind IPv6, as IPv6-only networks have it.
            "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
        ]
    )
    func publicAddressesPass(text: String) throws {
        #expect(AddressPolicy.publicOnly.allows(try #require(IPAddress(text))))
    }

    @Test(
        arguments: [
            "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1",
            "127.255.255.255", "169.254.169.254", "172.16.0.0", "172.31.255.255", "192.168.0.1", "192.0.0.1",
            "192.0.2.1", "192.88.99.1", "198.18.0.0", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
            "239.255.255.255", "240.0.0.1", "255.255.255.255",
            "::", "::1", "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1",
            "2001::1", "2001:10::1", "2001:db8::1", "2002:7f00:1::1", "2002:808:808::1", "3fff::1", "100::1", "5f00::1",
            "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1",
            "64:ff9b:1::8.8.8.8", "::127.0.0.1", "::8.8.8.8",
        ]
    )
    func othersAreRefused(text: String) throws {
        #expect(!AddressPolicy.publicOnly.allows(try #require(IPAddress(text))))
    }

    @Test func theOperatorMayExemptNetworks() throws {
        let exempt = [try #require(IPPrefix("10.1.0.0/16")), try #require(IPPrefix("fd00:1::/32"))]
        for text in ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3", "fd00:1::5"] {
            #expect(AddressPolicy.publicOnly.allows(try #require(IPAddress(text)), exempt: exempt), "\(text)")
        }
        for text in ["10.2.0.1", "127.0.0.1", "169.254.169.254", "fd00:2::5", "2002:a01:203::1"] {
            #expect(!AddressPolicy.publicOnly.allows(try #require(IPAddress(text)), exempt: exempt), "\(text)")
        }
    }

    @Test(arguments: ["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "0x7f.1", "2130706433", "::g", "[::1]", "localhost"])
    func otherTextIsNoAddress(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test
    func prefixesEndAtAnyBit() throws {
        let prefix = try #require(IPPrefix("172.16.0.0/12"))
        #expect(prefix.contains(try #require(IPAddress("172.31.255.255"))))
        #expect(!prefix.contains(try #require(IPAddress("172.32.0.0"))))
        #expect(!prefix.contains(try #require(IPAddress("::ffff:172.16.0.1"))))
        #expect(try #require(IPPrefix("0.0.0.0/0")).contains(try #require(IPAddress("255.1.2.3"))))
        #expect(try #require(IPPrefix("10.1.2.3")).contains(try #require(IPAddress("10.1.2.3"))))
        #expect(IPPrefix("10.0.0.0/33") == nil)
        #expect(IPPrefix("10.0.0.0/-1") == nil)
        #expect(IPPrefix("10.0.0.0/") == nil)
        #expect(IPPrefix("/8") == nil)
        #expect(IPPrefix("") == nil)
    }
}
