import SimpleStreamServer
print("x")
