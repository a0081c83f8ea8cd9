import SimpleStreamServer

print("x")
