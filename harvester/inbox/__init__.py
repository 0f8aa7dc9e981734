"""The inbox: what people drop into a folder is taken in, once, and put aside when it is safe."""
