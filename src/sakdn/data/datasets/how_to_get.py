"""Where data sets are to be had; words alone, so that a download starts without what reads them."""

HOW_TO_GET = {
    "utd_mhad": "`snakemake download_utd_mhad` gets it into data/utd-mhad",
    "berkeley_mhad": (
        "Berkeley MHAD is given to who asks for it at"
        " https://tele-immersion.citris-uc.org/berkeley_mhad: unpack its Camera archives to"
        " {root}/Camera/Cluster01/Cam01/S01/A01/R01/*.pgm and so on, its Accelerometer archive to"
        " {root}/Accelerometer/Shimmer01/*.txt and so on"
    ),
    "mmact": (
        "MMAct is given to who asks for it at https://mmact19.github.io/2019/: unpack its trimmed"
        " videos to {root}/video/subject1/cam1/scene1/session1/<action>.mp4 and so on, its sensors"
        " to {root}/acc_phone_clip, acc_watch_clip, gyro_clip and orientation_clip, each"
        " subject1/scene1/session1/<action>.csv and so on"
    ),
}
