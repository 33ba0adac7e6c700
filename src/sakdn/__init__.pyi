from sakdn.commands.api import Answer as Answer
from sakdn.commands.api import TrainedStudent as TrainedStudent
from sakdn.commands.api import TrainedTeacher as TrainedTeacher
from sakdn.commands.api import Window as Window
from sakdn.commands.api import explain as explain
from sakdn.commands.api import load_student as load_student
from sakdn.commands.api import load_teacher as load_teacher
