PLANTS = {}


def plant_faults(con, out, plants):
    return []
