"""Moving pictures made from numbers, a style a module. Pure: the same seed gives the same bytes.

A style takes a random generator, its colours and a beat, and yields frames whose shape is 9:16. Motion closes at the
end of the clip, so that a loop has no seam. It knows no file, no database and no clock.
"""
